// Runs one suite: `unit` needs no Docker, `live` needs an engine, `faults` is the fault loop. Further arguments narrow it to paths that contain one.
// Node 20's own pattern search exits 0 when it finds no test, so the files are listed here and an empty list is an error.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

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
function suiteOf(file: string): string {
  const [, folder = ''] = file.split(sep)
  return folder === 'live' || folder === 'faults' ? folder : 'unit'
}

// Many small files share two processes; a few, and what drives an engine or runs long, have one each.
const sharing = suite === 'unit' && all.length > 8
const files = sharing ? ['spec/shards/0.ts', 'spec/shards/1.ts'] : all
const concurrency = suite === 'live' ? '1' : '2'
const timeout = '600000'
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, `--test-timeout=${timeout}`, ...files],
  { stdio: 'inherit', env: { ...process.env, SPEC_FILES: JSON.stringify(all) } },
)
process.exit(status ?? 1)
