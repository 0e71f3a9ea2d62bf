import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError } from '../../lib/base/errors.ts'
import { parseReference } from '../../lib/base/reference.ts'
import { counted, remembered } from '../../lib/server/remote.ts'

const REF = parseReference('registry.example/acme/x:latest')
const [OLD, NEW, NEWER] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string]

function rig() {
  const state = { has: NEW, asked: 0, now: 0, fails: false }
  const outcomes: string[] = []
  const registry = {
    digest: async () => {
      state.asked++
      if (state.fails) throw new ApiError('RATE_LIMITED', 'wait')
      return { digest: state.has, mediaType: '', platformDigest: undefined, source: '', rateLimit: undefined }
    },
  }
  const metrics = { registryRequest: (host: string, outcome: string) => void outcomes.push(`${host} ${outcome}`) }
  const remote = remembered(counted(registry, metrics), { monotonic: () => state.now })
  const digest = async (...known: string[]): Promise<string> => (await remote.digest(REF, { known })).digest
  return { state, outcomes, digest }
}

test('what is the same here and there is asked for once a minute', async () => {
  const { state, digest } = rig()
  for (let i = 0; i < 10; i++) assert.equal(await digest(OLD, NEW), NEW)
  assert.equal(state.asked, 1)
  state.now = 60_001
  assert.equal(await digest(NEW), NEW)
  assert.equal(state.asked, 2)
})

test('what differs is asked for anew: a release may have come and been pulled since', async () => {
  const { state, digest } = rig()
  assert.equal(await digest(OLD), NEW)
  state.has = NEWER
  assert.equal(await digest(NEWER), NEWER)
  assert.equal(state.asked, 2)
})

test('a failure is not remembered, and every question is counted by its outcome', async () => {
  const { state, digest, outcomes } = rig()
  state.fails = true
  await assert.rejects(digest(NEW), { code: 'RATE_LIMITED' })
  state.fails = false
  assert.equal(await digest(NEW), NEW)
  assert.deepEqual(outcomes, ['registry.example RATE_LIMITED', 'registry.example ok'])
})
