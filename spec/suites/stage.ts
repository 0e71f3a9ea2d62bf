import { tmpdir } from 'node:os'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** How one step ended. */
export interface Outcome {
  readonly code: number
  /** What it printed, with ids, times and addresses masked. */
  readonly text: string
}

/** Where the steps of a suite run: an engine, a program, and names of their own. */
export interface Stage extends AsyncDisposable {
  readonly host: string
  readonly program: string
  readonly dir: string
  /** Puts the names of this run in the place of NAME, IMAGE and DIR. */
  named(text: string): string
  /** Takes out what differs from run to run. */
  masked(text: string): string
}

export async function stageOf(host: string, program: string, image: string, name: string): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-suite-'))
  return {
    host,
    program,
    dir,
    named: (text) => text.replaceAll('NAME', name).replaceAll('IMAGE', image).replaceAll('DIR', dir),
    masked: (text) =>
      text
        .replaceAll(dir, 'DIR')
        .replaceAll(host, 'HOST')
        .replaceAll(name, 'NAME')
        .replace(/\b(?:sha256:)?[0-9a-f]{64}\b/g, 'ID')
        .replace(/\b[0-9a-f]{12}\b/g, 'ID')
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g, 'TIME')
        .replace(/(?:About (?:a|an) |Less than a |\d+ )(?:second|minute|hour|day|week|month|year)s?(?: ago)?/g, 'TIME')
        .replace(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{4,5})?\b(?!\/)/g, 'ADDRESS')
        .replace(/^(?:\S*\0+|[\s\S]*ustar[\s\S]*)$/, 'TAR')
        .trimEnd(),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}
