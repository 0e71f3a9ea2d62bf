// Prints the table of the seed's tests: row → spec → result, by running every spec that has a row's name in a title.
// `npm run seed-rows`. Exits 1 when a row has no spec or one that failed.
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from 'node:test'

interface TestEvent {
  readonly type: string
  readonly data: { readonly name: string; readonly file?: string }
}

interface Row {
  /** Name of the seed's test; a `*` at its end stands for several. */
  readonly row: string
  readonly source: string
  readonly pins: string
  /** Where its spec is, or will be, when that is not among the workspaces. */
  readonly specs?: string
}

interface Outcome {
  readonly title: string
  readonly file: string
  readonly ok: boolean
}

const rows = JSON.parse(readFileSync('fixtures/seed-rows.json', 'utf8')) as Row[]
const names = rows.map(({ row }) => row.replace(/\*$/, ''))
const files = readdirSync('spec', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.ts') && !/^(?:live|bench)\//.test(name))
  .map((name) => join('spec', name))
  .filter((file) => names.some((name) => readFileSync(file, 'utf8').includes(name)))
  .toSorted()

const outcomes: Outcome[] = []
for await (const { type, data } of run({ files, concurrency: 2, timeout: 60_000 }) as AsyncIterable<TestEvent>) {
  if (type !== 'test:pass' && type !== 'test:fail') continue
  outcomes.push({ title: data.name, file: relative('.', data.file ?? ''), ok: type === 'test:pass' })
}

const table = rows.map((row) => {
  const found = outcomes.filter(({ title }) => isOf(title, row.row))
  const home = row.specs ?? 'spec/workspace'
  const spec = [...new Set(found.map(({ file }) => file))].join(', ') || `none (belongs to ${home})`
  const result = found.length === 0 ? 'MISSING' : found.every(({ ok }) => ok) ? 'ok' : 'FAILED'
  return { name: row.row.endsWith('*') ? `${row.row} (${found.length})` : row.row, spec, result }
})

const widths = [0, 0].map((_, i) => Math.max(...table.map(({ name, spec }) => [name, spec][i]?.length ?? 0)))
for (const { name, spec, result } of table)
  console.log(`${name.padEnd(widths[0] ?? 0)}  ${spec.padEnd(widths[1] ?? 0)}  ${result}`)
const bad = table.filter(({ result }) => result !== 'ok')
console.log(`${table.length} rows, ${table.length - bad.length} ok, ${bad.length} missing or failed`)
process.exit(bad.length === 0 ? 0 : 1)

/** A title has a row when it begins with its name, or has it behind another one's. */
function isOf(title: string, row: string): boolean {
  return title.split(/[^\w*]+/).some((word) => (row.endsWith('*') ? word.startsWith(row.slice(0, -1)) : word === row))
}
