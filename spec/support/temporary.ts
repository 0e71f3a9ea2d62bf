import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new directory that is removed with all that is in it. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'dockline-spec-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs with a new directory, which is removed afterwards. */
export async function inDirectory(run: (dir: string) => Promise<void>): Promise<void> {
  using dir = temporaryDirectory()
  await run(dir.path)
}
