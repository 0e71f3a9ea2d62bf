// Compilers of other releases: installed on their own, for their `tsc` must not take the place of the project's.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The releases that a consumer's code is compiled with; the last is the project's own. */
export const RELEASES = ['5.7.3', '5.9.3', '7.0.2'] as const

/** Installs a release of TypeScript once in the temporary folder. @returns the folder of its package */
export function compiler(release: (typeof RELEASES)[number]): string {
  const home = join(tmpdir(), `dockline-typescript-${release}`)
  const folder = join(home, 'node_modules', 'typescript')
  if (!existsSync(join(folder, 'package.json'))) {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{"private":true}')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact', `typescript@${release}`], {
      cwd: home,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  return folder
}

/** The command line of a release's compiler. */
export function tsc(release: (typeof RELEASES)[number]): string {
  return join(compiler(release), 'bin', 'tsc')
}
