import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { buildSync } from 'esbuild'

import { layerOf, type Layer } from './image.ts'

/** The command line in the image. */
export const DOCKLINE: readonly string[] = ['/usr/bin/node', '/app/dist/cli/main.js']

// Some of the packages are CommonJS and call for modules of Node.js.
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

/** A root file system with this machine's Node.js, the libraries that it is linked to, and dockline in one file. */
export function docklineLayer(): Layer {
  const root = mkdtempSync(join(tmpdir(), 'dockline-image-'))
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    copyFileSync(from, join(root, to))
  }
  try {
    put(process.execPath, '/usr/bin/node')
    const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' })
    for (const [, library] of linked.matchAll(/(\/\S+) \(0x/g)) put(library as string, library as string)
    for (const folder of ['tmp', 'etc', 'proc', 'dev', 'sys', 'run']) mkdirSync(join(root, folder), { recursive: true })
    put('package.json', '/app/package.json')
    buildSync({
      entryPoints: ['lib/cli/main.ts'],
      outfile: join(root, 'app/dist/cli/main.js'),
      bundle: true,
      external: ['pg'],
      platform: 'node',
      format: 'esm',
      target: 'node20',
      banner: { js: REQUIRE },
      logLevel: 'error',
    })
    return layerOf(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
