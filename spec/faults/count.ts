// Runs the suite and tells in one line what all of its processes have covered.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readTallies, seed, shortOf, summary } from './tally.ts'

/** Gives the exit status; a whole suite that has not covered what it must is a failure. */
export async function counted(run: (env: NodeJS.ProcessEnv) => Promise<number>, whole: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'))
  try {
    const status = await run({ FAULT_SEED: String(seed), FAULT_TALLY: folder })
    const tally = readTallies(folder)
    console.log(summary(tally))
    const short = whole ? shortOf(tally) : []
    for (const line of short) console.error(line)
    return short.length > 0 && status === 0 ? 1 : status
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
