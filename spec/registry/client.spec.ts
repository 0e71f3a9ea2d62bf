import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { LOGIN, testClient } from '../support/registry-client.ts'
import { SERVER, bearer, manifest, serveRegistry } from '../support/registry-server.ts'

test('an open registry over http on loopback tells a digest by one ping and one HEAD', async () => {
  await using server = await serveRegistry()
  await using client = testClient()
  const found = await client.digest(parseReference(`${server.host}/acme/app`))
  assert.deepEqual(found, {
    digest: manifest().digest,
    mediaType: manifest().type,
    platformDigest: undefined,
    source: 'anonymous',
    rateLimit: undefined,
  })
  assert.deepEqual(
    server.requests.map(({ method, path }) => `${method} ${path}`),
    ['GET /v2/', 'HEAD /v2/acme/app/manifests/latest'],
  )
})

test('a registry with tokens behind TLS with a CA of its own is logged in to', async () => {
  await using server = await serveRegistry({ challenge: bearer }, { tls: SERVER, name: 'registry.test' })
  await using client = testClient({ [server.host]: LOGIN })
  const found = await client.digest(parseReference(`${server.host}/acme/app`))
  assert.equal(found.digest, manifest().digest)
  assert.equal(found.source, 'the spec')
  assert.deepEqual(server.logins(), ['Basic dTpw', 'Bearer token-1'])
})
