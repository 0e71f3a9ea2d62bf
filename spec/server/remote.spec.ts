import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError } from '../../lib/base/errors.ts'
import { imageTarget, type RefreshEngine } from '../../lib/refresh/index.ts'
import { createRegistryLook } from '../../lib/server/registry-look.ts'

const TARGET = imageTarget('registry.example/acme/x:latest')
const [OLD, NEW] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string]

function rig() {
  const state = { remote: NEW, local: [OLD], asked: 0, now: 0, fails: false }
  const outcomes: string[] = []
  const images = {
    inspect: async () => ({ RepoDigests: state.local.map((digest) => `registry.example/acme/x@${digest}`) }),
  }
  const look = createRegistryLook({
    registry: {
      digest: async () => {
        state.asked++
        if (state.fails) throw new ApiError('RATE_LIMITED', 'wait')
        return { digest: state.remote }
      },
    },
    engine: { images: images as unknown as RefreshEngine['images'] },
    clock: { monotonic: () => state.now },
    metrics: { registryRequest: (_, outcome) => void outcomes.push(outcome) },
  })
  return { state, outcomes, look: async () => (await look([TARGET]))[0] }
}

test('another digest there is newer, until it is pulled', async () => {
  const { state, look } = rig()
  assert.deepEqual(await look(), { ref: 'registry.example/acme/x:latest', state: 'newer', digest: NEW })
  state.local = [OLD, NEW]
  assert.equal((await look())?.state, 'same')
})

test('a release that was pulled right after the last answer is not called newer', async () => {
  const { state, look } = rig()
  await look()
  state.remote = `sha256:${'c'.repeat(64)}`
  state.local = [state.remote]
  assert.equal((await look())?.state, 'same')
})

test('what is the same is asked for once a minute', async () => {
  const { state, look } = rig()
  state.local = [NEW]
  for (let i = 0; i < 10; i++) await look()
  assert.equal(state.asked, 1)
  state.now = 60_001
  await look()
  assert.equal(state.asked, 2)
})

test('a registry that cannot be asked is unknown, with the reason, and is counted', async () => {
  const { state, look, outcomes } = rig()
  state.fails = true
  const seen = await look()
  assert.deepEqual([seen?.state, seen?.digest, seen?.error?.code], ['unknown', null, 'RATE_LIMITED'])
  state.fails = false
  assert.equal((await look())?.state, 'newer')
  assert.deepEqual(outcomes, ['RATE_LIMITED', 'ok'])
})
