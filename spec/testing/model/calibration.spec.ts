import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'

import { PROFILES } from '../../../lib/testing/model/profiles.ts'
import { compare, table } from '../../live/calibration/compare.ts'
import { calibrationModel } from '../../live/calibration/model.ts'
import { readRecording } from '../../live/calibration/recording.ts'
import { STEPS } from '../../live/calibration/steps.ts'
import { calibrationWorld } from '../../live/calibration/world.ts'

const FOLDER = 'fixtures/calibration'
const recordings = readdirSync(FOLDER).map((file) => readRecording(`${FOLDER}/${file}`))

test('every profile has a recording of a real engine', () => {
  assert.deepEqual(recordings.map(({ profile }) => profile).toSorted(), Object.keys(PROFILES).toSorted())
})

for (const { profile, engine, seen } of recordings) {
  test(`profile ${profile} answers each of ${STEPS.length} calls as ${engine} did`, async (t) => {
    await using world = await calibrationWorld(Buffer.from('a program'))
    await using model = calibrationModel(profile, world)
    const rows = compare(profile, seen, await model.run())
    assert.deepEqual(
      rows.map(({ step }) => step),
      STEPS.map(({ name }) => name),
      'the recording is of another script: record it anew',
    )
    const wrong = rows.filter(({ differences }) => differences.length > 0)
    if (wrong.length > 0) t.diagnostic(table(wrong))
    assert.deepEqual(
      wrong.map(({ step }) => step),
      [],
    )
  })
}
