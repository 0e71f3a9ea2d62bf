// Calibrates the model against every engine named, and with `--record DIR` keeps what the engines answered:
//   node --import tsx spec/live/calibrate.ts [--record fixtures/calibration] unix:///a unix:///b
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { calibrate } from './calibration/calibrate.ts'
import { table } from './calibration/compare.ts'
import { printRecording } from './calibration/recording.ts'

const { values, positionals } = parseArgs({ options: { record: { type: 'string' } }, allowPositionals: true })
let failed = 0
for (const host of positionals) {
  const { profile, engine, rows } = await calibrate(host)
  const wrong = rows.filter(({ differences }) => differences.length > 0)
  console.log(`\n${host}: ${engine} as profile ${profile}\n${table(rows)}`)
  console.log(`${rows.length - wrong.length} of ${rows.length} calls agree`)
  failed += wrong.length
  if (values.record === undefined) continue
  const recording = { profile, engine, seen: rows.map(({ real }) => real) }
  writeFileSync(join(values.record, `${profile}.jsonl`), printRecording(recording))
}
process.exitCode = failed === 0 ? 0 : 1
