import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { raced } from '../../lib/registry/authorizer.ts'
import { LOGIN, testClient, testClock } from '../support/registry-client.ts'
import { bearer, manifest, serveRegistry } from '../support/registry-server.ts'

const images = { 'acme/app:latest': manifest(), 'acme/other:latest': manifest('other') }

test('a token serves its repository until shortly before its end, and no other repository', async () => {
  const clock = testClock()
  await using server = await serveRegistry({ images, challenge: bearer })
  await using client = testClient({ [server.host]: LOGIN }, { clock })
  const tokens = (): number => server.requests.filter(({ path }) => path === '/token').length
  const ask = async (name: string): Promise<number> => {
    await client.digest(parseReference(`${server.host}/acme/${name}`))
    return tokens()
  }
  assert.equal(await ask('app'), 1)
  assert.equal(await ask('app'), 1)
  assert.equal(await ask('other'), 2)
  clock.pass(49_000)
  assert.equal(await ask('app'), 2)
  clock.pass(1000)
  assert.equal(await ask('app'), 3)
})

test('a request for a token that failed is not remembered', async () => {
  const answers = [400]
  await using server = await serveRegistry({
    challenge: bearer,
    token: () => ({ status: answers.shift() ?? 200, body: '{"token":"token-1"}' }),
  })
  await using client = testClient({ [server.host]: LOGIN })
  const ref = parseReference(`${server.host}/acme/app`)
  await assert.rejects(client.digest(ref), { code: 'CREDENTIALS_REJECTED' })
  assert.equal((await client.digest(ref)).digest, manifest().digest)
})

test('one who leaves does not spoil the shared answer for the others', async () => {
  const answer = new EventEmitter()
  const shared = once(answer, 'come')
  const leaver = new AbortController()
  const left = raced(shared, leaver.signal)
  const stayed = raced(shared, new AbortController().signal)
  leaver.abort(new Error('enough'))
  await assert.rejects(left, /enough/)
  answer.emit('come', 7)
  assert.deepEqual(await stayed, [7])
})
