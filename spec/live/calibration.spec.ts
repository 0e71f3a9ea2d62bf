import assert from 'node:assert/strict'
import { test } from 'node:test'

import { endpointUrl } from '../../lib/wire/endpoint.ts'
import { calibrate } from './calibration/calibrate.ts'
import { table } from './calibration/compare.ts'
import { STEPS } from './calibration/steps.ts'
import { liveEngine } from './support/engine.ts'

test('the model answers the calibration script as this engine does, in status, error class and state', async (t) => {
  await using docker = await liveEngine()
  const { profile, engine, rows } = await calibrate(endpointUrl(docker.endpoint))
  t.diagnostic(`${engine} as profile ${profile}\n${table(rows)}`)
  assert.ok(STEPS.length >= 60)
  assert.equal(rows.length, STEPS.length)
  assert.deepEqual(
    rows.flatMap(({ step, differences }) => differences.map((one) => `${step}: ${one}`)),
    [],
  )
})
