import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'

import { hasCode, isUnreachable } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { connector } from '../../lib/wire/connector.ts'
import { parseHost } from '../../lib/wire/host.ts'
import { makeCertificates, type Certificates } from '../support/certificates.ts'
import { rawDaemon } from '../support/daemon.ts'
import { until } from '../support/until.ts'

let certs: Certificates
before(async () => {
  certs = await makeCertificates()
})

// Listens on a free port of 127.0.0.1 while `use` runs.
async function listening(server: Server, use: (port: number) => Promise<void>): Promise<void> {
  server.on('request', (request, response) => {
    response.writeHead(200, { 'Api-Version': '1.41', 'X-Host': request.headers.host }).end('OK')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('an engine at tcp:// answers', async () => {
  await listening(createHttpServer(), async (port) => {
    for (const host of [`tcp://127.0.0.1:${port}`, `http://127.0.0.1:${port}`, `tcp://localhost:${port}`]) {
      await using docker = await connect({ host, env: {} })
      assert.equal((await docker.ping()).apiVersion, '1.41')
      assert.equal(docker.endpoint.source, 'the host option')
    }
  })
})

test('an engine at an IPv6 address answers', async () => {
  const server = createHttpServer((_, response) => void response.writeHead(200, { 'Api-Version': '1.41' }).end())
  server.listen(0, '::1')
  await once(server, 'listening')
  await using docker = await connect({ host: `tcp://[::1]:${(server.address() as AddressInfo).port}`, env: {} })
  assert.equal((await docker.ping()).apiVersion, '1.41')
  server.closeAllConnections()
  server.close()
})

test('an engine with TLS answers to who trusts its CA and shows a certificate', async () => {
  const server = createHttpsServer({ ...certs.server, ca: certs.ca, requestCert: true, rejectUnauthorized: true })
  await listening(server, async (port) => {
    const host = `tcp://127.0.0.1:${port}`
    await using docker = await connect({ host, tls: { ca: certs.ca, ...certs.client }, env: {} })
    assert.equal((await docker.ping()).apiVersion, '1.41')
  })
})

test('the files of DOCKER_CERT_PATH do the same', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-certpath-'))
  await writeFile(join(dir, 'ca.pem'), certs.ca)
  await writeFile(join(dir, 'cert.pem'), certs.client.cert)
  await writeFile(join(dir, 'key.pem'), certs.client.key)
  const server = createHttpsServer({ ...certs.server, ca: certs.ca, requestCert: true, rejectUnauthorized: true })
  await listening(server, async (port) => {
    const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: dir }
    await using docker = await connect({ env })
    assert.equal((await docker.ping()).apiVersion, '1.41')
    assert.equal(docker.endpoint.source, 'DOCKER_HOST')
  })
  await rm(dir, { recursive: true })
})

test('any certificate is taken only where that is asked for', async () => {
  await listening(createHttpsServer(certs.server), async (port) => {
    const host = `tcp://127.0.0.1:${port}`
    await using lax = await connect({ host, tls: { verify: false }, env: {} })
    assert.equal((await lax.ping()).apiVersion, '1.41')
    await using strict = await connect({ host, tls: {}, env: {} })
    await assert.rejects(strict.ping(), (error) => hasCode(error, 'TLS'))
  })
})

test('an engine whose CA is not known is not spoken to, and the message says where the CA belongs', async () => {
  await listening(createHttpsServer(certs.server), async (port) => {
    await using docker = await connect({ host: `tcp://127.0.0.1:${port}`, tls: { ca: certs.otherCa }, env: {} })
    await assert.rejects(docker.ping(), (error) => hasCode(error, 'TLS') && /ca\.pem/.test(error.message))
  })
})

test('an engine whose certificate is for another name is not spoken to', async () => {
  await listening(createHttpsServer(certs.server), async (port) => {
    await using docker = await connect({ host: `tcp://localhost:${port}`, tls: { ca: certs.ca }, env: {} })
    await assert.rejects(docker.ping(), (error) => hasCode(error, 'TLS') && /certificate/.test(error.message))
  })
})

test('a certificate that is garbage is a TLS error, not a crash', async () => {
  await listening(createHttpsServer(certs.server), async (port) => {
    const tls = { ca: certs.ca, cert: 'no PEM', key: 'no PEM' }
    await using docker = await connect({ host: `tcp://127.0.0.1:${port}`, tls, env: {} })
    await assert.rejects(docker.ping(), (error) => hasCode(error, 'TLS') && /PEM|cert\.pem/.test(error.message))
  })
})

test('TLS where the engine speaks none, and none where it does, are errors that say so', async () => {
  await listening(createHttpServer(), async (port) => {
    await using docker = await connect({ host: `https://127.0.0.1:${port}`, env: {} })
    await assert.rejects(docker.ping(), (error) => hasCode(error, 'TLS') && /DOCKER_TLS_VERIFY/.test(error.message))
  })
  await listening(createHttpsServer(certs.server), async (port) => {
    await using docker = await connect({ host: `tcp://127.0.0.1:${port}`, env: {} })
    await assert.rejects(docker.ping(), (error) =>
      hasCode(error, 'CONNECTION_LOST', 'PROTOCOL_VIOLATION', 'BAD_REQUEST'),
    )
  })
})

test('a port where nobody listens, and a name that nobody has, are an unreachable engine', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  for (const host of [`tcp://127.0.0.1:${port}`, 'tcp://no-such-host.invalid:1']) {
    await using docker = await connect({ host, env: {} })
    await assert.rejects(docker.ping(), (error) => isUnreachable(error) && error.message.includes(host))
  }
})

test('a socket path that is absent, a file or a directory is an unreachable engine, with the cure', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-paths-'))
  await writeFile(join(dir, 'file'), '')
  for (const path of [join(dir, 'absent'), join(dir, 'file'), dir]) {
    await using docker = await connect({ host: `unix://${path}`, env: {} })
    await assert.rejects(
      docker.ping(),
      (error) =>
        hasCode(error, 'ENGINE_UNREACHABLE') && error.message.includes(path) && /Start the engine/.test(error.message),
    )
  }
  await rm(dir, { recursive: true })
})

interface Outcome {
  readonly error: Error | null
  readonly destroyed: boolean
}

function dial(host: string, timeout: number, tls?: object): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connector(parseHost(host, 'the spec', tls), {})(timeout, (error) => {
      setImmediate(() => resolve({ error, destroyed: socket.destroyed }))
      if (error === null) socket.destroy()
    })
  })
}

test('a connection that does not come about in time is given up', async () => {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket.resume()) // takes the connection and never says hello
    socket.on('close', () => open.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { error, destroyed } = await dial(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, 30, {})
  assert.equal((error as { code?: string } | null)?.code, 'UND_ERR_CONNECT_TIMEOUT')
  assert.equal(destroyed, true)
  await until('the other side is told', () => open.size === 0)
  server.close()
})

test('readiness is told once, also when the connection fails later', async () => {
  await using daemon = await rawDaemon((socket) => setTimeout(() => socket.destroy(), 10))
  let told = 0
  const socket = connector(parseHost(daemon.host, 'the spec'), {})(1000, () => told++)
  socket.resume()
  await once(socket, 'close')
  assert.equal(told, 1)
})

test('a connection that is destroyed while it is made says so once', async () => {
  await using daemon = await rawDaemon(() => {})
  const outcome = new Promise<Error | null>((resolve) => {
    const socket = connector(parseHost(daemon.host, 'the spec'), {})(0, resolve)
    socket.destroy()
  })
  assert.match(String(await outcome), /closed before/)
})
