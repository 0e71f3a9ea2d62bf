import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError } from '../../lib/base/errors.ts'
import { parseReference } from '../../lib/base/reference.ts'
import { counted } from '../../lib/server/remote.ts'

test('every question to a registry is counted by its outcome, and the answer is passed on', async () => {
  const ref = parseReference('registry.example/acme/x:latest')
  const seen = { digest: 'sha256:a', mediaType: '', platformDigest: undefined, source: '', rateLimit: undefined }
  const answers = [Promise.resolve(seen), Promise.reject(new ApiError('RATE_LIMITED', 'wait'))]
  const outcomes: string[] = []
  const metrics = { registryRequest: (host: string, outcome: string) => void outcomes.push(`${host} ${outcome}`) }
  const remote = counted({ digest: () => answers.shift() as Promise<typeof seen> }, metrics)
  assert.equal(await remote.digest(ref), seen)
  await assert.rejects(remote.digest(ref), { code: 'RATE_LIMITED' })
  assert.deepEqual(outcomes, ['registry.example ok', 'registry.example RATE_LIMITED'])
})
