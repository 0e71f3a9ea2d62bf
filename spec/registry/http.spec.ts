import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'

import { row } from '../support/matrix.ts'
import { askOnce, LOGIN } from '../support/registry-client.ts'
import { issueCertificate } from '../support/certificate.ts'
import { AUTHORITY, SERVER, TEST_HOSTS, bearer, manifest, serveRegistry } from '../support/registry-server.ts'

const OK = manifest().digest

// A registry behind TLS with this certificate: the outcome, and whether anything was sent.
const see = async (tls: { cert: string; key: string }, name = 'registry.test'): Promise<string> => {
  await using server = await serveRegistry({ challenge: bearer }, { tls, name })
  const seen = await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
  return `${seen}, ${server.requests.length === 0 ? 'no byte of it sent' : 'spoken to'}`
}

row('T4', 'certificate of our CA', `${OK}, spoken to`, () => see(SERVER))
row('T4', 'certificate that signed itself', 'TLS, no byte of it sent', () =>
  see(issueCertificate({ name: 'self', hosts: TEST_HOSTS })),
)
row('T4', 'certificate that has expired', 'TLS, no byte of it sent', () =>
  see(issueCertificate({ name: 'old', hosts: TEST_HOSTS, issuer: AUTHORITY, from: -3, until: -2 })),
)
row('T4', 'certificate for another name', 'TLS, no byte of it sent', () =>
  see(issueCertificate({ name: 'other', hosts: ['other.test'], issuer: AUTHORITY })),
)
row('T4', 'bad certificate on loopback, where http is allowed', 'TLS, no byte of it sent', () =>
  see(issueCertificate({ name: 'self', hosts: TEST_HOSTS }), '127.0.0.1'),
)
row('T4', 'http only, not declared insecure', 'TLS, no byte of it sent', async () => {
  await using server = await serveRegistry({ challenge: bearer }, { name: 'registry.test' })
  const seen = await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
  return `${seen}, ${server.requests.length === 0 ? 'no byte of it sent' : 'spoken to'}`
})
row('T4', 'http only, declared insecure', OK, async () => {
  await using server = await serveRegistry({ challenge: bearer }, { name: 'registry.test' })
  return await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN }, { insecure: [server.host] })
})
row('T4', 'http only, another port of the host declared insecure', 'TLS', async () => {
  await using server = await serveRegistry({}, { name: 'registry.test' })
  return await askOnce(`${server.host}/acme/app`, {}, { insecure: ['registry.test', 'registry.test:1'] })
})
row('T5', 'answer that drips', 'TIMEOUT', async () => {
  await using server = await serveRegistry({
    first: ({ method, path }) =>
      method === 'GET' && path.includes('/manifests/')
        ? (response) => {
            response.writeHead(200, { 'content-type': manifest().type })
            const timer = setInterval(() => response.write(' '), 10)
            response.on('close', () => clearInterval(timer))
          }
        : path.includes('/manifests/')
          ? { status: 405 }
          : undefined,
  })
  return await askOnce(`${server.host}/acme/app`, {}, { timeout: 300 })
})
row('T5', 'server that never answers', 'TIMEOUT', async () => {
  await using server = await serveRegistry({ first: () => () => {} })
  return await askOnce(`${server.host}/acme/app`, {}, { timeout: 300 })
})
row('T5', 'error page without end', 'BAD_REQUEST', async () => {
  await using server = await serveRegistry({
    first: ({ path }) =>
      path.includes('/manifests/')
        ? (response) => {
            response.writeHead(400)
            response.end(Buffer.alloc(8 << 20, 'x'))
          }
        : undefined,
  })
  return await askOnce(`${server.host}/acme/app`)
})
row('T5', 'no HTTP at all', 'PROTOCOL_VIOLATION', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('SSH-2.0-OpenSSH_9.2\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  try {
    return await askOnce(`127.0.0.1:${port}/acme/app`)
  } finally {
    server.close()
  }
})

test('nobody listening is an unavailable registry, not a credential problem', async () => {
  const server = await serveRegistry()
  await server[Symbol.asyncDispose]()
  assert.equal(await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN }), 'REGISTRY_UNAVAILABLE')
})

test('compression is never asked for, and every request says who asks', async () => {
  await using server = await serveRegistry({ challenge: bearer })
  await askOnce(`${server.host}/acme/app`)
  assert.deepEqual(new Set(server.requests.map(({ headers }) => headers['accept-encoding'])), new Set(['identity']))
  assert.deepEqual(new Set(server.requests.map(({ headers }) => headers['user-agent'])), new Set(['dockline']))
})
