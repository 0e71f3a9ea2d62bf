// Runs one suite: `unit` needs no Docker, `live` needs an engine, `faults` is the fault loop, `types` compiles consumers. Further arguments narrow it
// to paths that contain one. Every suite runs with secrets in its environment, and fails when its output shows one.
// Node 20's own pattern search exits 0 when it finds no test, so the files are listed here and an empty list is an error.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Readable, Writable } from 'node:stream'

import { counted } from './faults/count.ts'
import { CANARIES, CANARY_ENV, leaks } from './support/canary.ts'

const [suite = 'unit', ...wanted] = process.argv.slice(2)
const all = readdirSync('spec', { recursive: true, encoding: 'utf8' })
  .map((file) => join('spec', file))
  .filter((file) => file.endsWith('.spec.ts') && !file.startsWith(join('spec', 'bench')))
  .filter((file) => suiteOf(file) === suite)
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .toSorted()
if (all.length === 0) {
  console.error(`no spec of suite "${suite}" matches ${wanted.join(' ')}`)
  process.exit(1)
}

// Many small files share two processes; a few, and what drives an engine or runs long, have one each.
const sharing = suite === 'unit' && all.length > 8
const files = sharing ? ['spec/shards/0.ts', 'spec/shards/1.ts'] : all
const concurrency = suite === 'live' ? '1' : '2'
const timeout = '1200000' // for a machine that does other things, too
// The processes of the fault loop count each for itself: the sum is told in the end.
process.exitCode = await (suite === 'faults' ? counted(run, wanted.length === 0) : run({}))

/** Gives the exit status. */
async function run(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, `--test-timeout=${timeout}`, ...files],
    {
      stdio: ['inherit', 'pipe', 'pipe'],
      env: { ...process.env, ...CANARY_ENV, SPEC_FILES: JSON.stringify(all), ...env },
    },
  )
  const shown = [pass(child.stdout, process.stdout), pass(child.stderr, process.stderr)]
  const [status] = (await once(child, 'close')) as [number | null]
  const found = leaks(shown.map((text) => text()).join('\n'))
  console.log(
    `# ${CANARIES.length} secrets looked for in all that was printed, in every spelling: ${found.length} found`,
  )
  return found.length > 0 ? 1 : (status ?? 1)
}

function suiteOf(file: string): string {
  const [, folder = ''] = file.split(sep)
  return folder === 'live' || folder === 'faults' || folder === 'types' ? folder : 'unit'
}

/** Passes a stream on, and gives what came. */
function pass(from: Readable, to: Writable): () => string {
  let text = ''
  from.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
  from.pipe(to, { end: false })
  return () => text
}
