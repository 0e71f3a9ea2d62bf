import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { httpDaemon } from '../support/daemon.ts'

for (const version of ['1.41', 'v1.41', ' 1.41\n']) {
  test(`DOCKER_API_VERSION ${JSON.stringify(version)} is spoken without asking`, async () => {
    await using daemon = await httpDaemon((_, response) => void response.end('[]'))
    await using docker = await connect({ host: daemon.host, env: { DOCKER_API_VERSION: version } })
    await docker.containers.list()
    assert.deepEqual(daemon.seen, ['GET /v1.41/containers/json'])
  })
}

test('the option apiVersion wins over DOCKER_API_VERSION', async () => {
  await using daemon = await httpDaemon((_, response) => void response.end('[]'))
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44', env: { DOCKER_API_VERSION: '1.41' } })
  await docker.containers.list()
  assert.deepEqual(daemon.seen, ['GET /v1.44/containers/json'])
})

async function namesAsked(host: (port: number) => string, servername?: string): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = []
  const server = createTlsServer({ SNICallback: (name, done) => (names.push(name), done(new Error('no such name'))) })
  server.on('tlsClientError', () => {})
  server.listen(0)
  await once(server, 'listening')
  try {
    const tls = servername === undefined ? {} : { servername }
    await using docker = await connect({ host: host((server.address() as AddressInfo).port), tls })
    await assert.rejects(docker.ping(), (error) => hasCode(error, 'TLS', 'CONNECTION_LOST', 'ENGINE_UNREACHABLE'))
  } finally {
    server.close()
  }
  return names
}

test('a TLS server is told the name that it is asked by', async () => {
  assert.deepEqual(await namesAsked((port) => `tcp://localhost:${port}`), ['localhost'])
})

test('a TLS server at an address is told the name of the option', async () => {
  assert.deepEqual(await namesAsked((port) => `tcp://127.0.0.1:${port}`, 'engine.example'), ['engine.example'])
})
