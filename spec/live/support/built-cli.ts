import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { buildSync } from 'esbuild'

let built: string | undefined

/**
 * The command line in one file, made once and gone with this process. It starts four times as fast as its source does
 * by tsx; beside `node_modules`, so that it finds its packages, and two folders below a `package.json`, like its source.
 */
export function builtCli(): string {
  if (built !== undefined) return built
  const folder = mkdtempSync(join('node_modules', '.live-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755) // some specs start it as another user
  built = join(folder, 'lib/cli/main.js')
  copyFileSync('package.json', join(folder, 'package.json'))
  buildSync({
    entryPoints: ['lib/cli/main.ts'],
    outfile: built,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  return built
}
