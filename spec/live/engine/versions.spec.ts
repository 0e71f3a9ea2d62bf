import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../../lib/base/errors.ts'
import { undiciTransport } from '../../../lib/wire/undici-transport.ts'
import { MAX_API_VERSION, atLeast } from '../../../lib/wire/version.ts'
import { connectStrictly, profileOf } from '../support/profile.ts'
import { observingTransport } from '../support/observing-transport.ts'

test('an older client is served by the version that it asks for', async () => {
  await using plain = await connectStrictly()
  const { MinAPIVersion = '1.24' } = await plain.version()
  const least = atLeast(MinAPIVersion, '1.24') ? MinAPIVersion : '1.24'
  for (const apiVersion of new Set(['1.41', least])) {
    await using docker = await connectStrictly({ apiVersion })
    assert.equal(await docker.apiVersion(), apiVersion)
    assert.equal((await docker.info()).OSType, 'linux')
    assert.ok(Array.isArray(await docker.containers.list({ all: true })))
  }
})

test('a client that took the engine for a newer one asks once more, and then goes on in the version of the engine', async () => {
  await using plain = await connectStrictly()
  const profile = await profileOf(plain)
  const calls: string[] = []
  await using docker = await connectStrictly({
    transport: (endpoint) => {
      const real = observingTransport(undiciTransport(endpoint), (operation, status) =>
        calls.push(`${operation} ${status}`),
      )
      return {
        close: () => real.close(),
        request: async (request) => {
          const response = await real.request(request)
          // As a proxy does that answers the ping itself.
          return request.path === '/_ping'
            ? { ...response, headers: { ...response.headers, 'api-version': MAX_API_VERSION } }
            : response
        },
      }
    },
  })
  assert.equal((await docker.info()).OSType, 'linux')
  assert.equal((await docker.version()).Os, 'linux')
  // podman takes any version in the path, so nothing is to be asked twice.
  const refused = !profile.podman && !atLeast(profile.apiVersion, MAX_API_VERSION)
  assert.deepEqual(calls, [
    'SystemPing 200',
    ...(refused ? ['SystemInfo 400'] : []),
    'SystemInfo 200',
    'SystemVersion 200',
  ])
  assert.equal(await docker.apiVersion(), refused ? profile.apiVersion : MAX_API_VERSION)
})

test('a version that is pinned is not renegotiated', async () => {
  await using plain = await connectStrictly()
  const { podman } = await profileOf(plain)
  await using docker = await connectStrictly({ apiVersion: '1.99' })
  if (podman) assert.equal((await docker.info()).OSType, 'linux')
  else
    await assert.rejects(docker.info(), (error) => hasCode(error, 'BAD_REQUEST') && /too new/.test(error.words ?? ''))
})
