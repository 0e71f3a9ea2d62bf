import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isLoopback } from '../../lib/registry/ping.ts'
import { askOnce } from '../support/registry-client.ts'
import { SERVER, manifest, serve, serveRegistry } from '../support/registry-server.ts'

test('http is allowed by itself where docker allows it: on loopback', () => {
  for (const host of ['127.0.0.1', '127.0.0.1:5000', '127.8.9.1:80', 'localhost', 'localhost:5000', '[::1]:5000'])
    assert.ok(isLoopback(host), host)
  for (const host of ['128.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1', 'ghcr.io', '[::2]'])
    assert.ok(!isLoopback(host), host)
})

test('a loopback registry with TLS is spoken to with TLS', async () => {
  await using server = await serveRegistry({}, { tls: SERVER })
  assert.equal(await askOnce(`${server.host}/acme/app`), manifest().digest)
})

test('a server without /v2/ is no registry', async () => {
  await using server = await serve(() => ({ status: 404, body: 'nothing here' }))
  assert.equal(await askOnce(`${server.host}/acme/app`), 'UNSUPPORTED')
})

test('a 401 without a challenge is a broken registry', async () => {
  await using server = await serve(() => ({ status: 401 }))
  assert.equal(await askOnce(`${server.host}/acme/app`), 'PROTOCOL_VIOLATION')
})

test('a registry that errs at its ping is unavailable', async () => {
  await using server = await serve(() => ({ status: 503 }))
  assert.equal(await askOnce(`${server.host}/acme/app`), 'REGISTRY_UNAVAILABLE')
})
