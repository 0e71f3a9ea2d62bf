import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { parseReference } from '../../lib/base/reference.ts'
import { judgeRealm, type TrustedRealms } from '../../lib/registry/realm.ts'
import { row } from '../support/matrix.ts'
import { askOnce, failureOf, LOGIN, testClient } from '../support/registry-client.ts'
import { SERVER, manifest, serve, serveRegistry, testLookup, type ScriptedServer } from '../support/registry-server.ts'

// A registry behind TLS, at a name, whose token server is at `realm`.
const registryWith = (realm: (origin: string) => string, name = 'registry.test'): Promise<ScriptedServer> =>
  serveRegistry({ challenge: (origin) => `Bearer realm="${realm(origin)}",service="s"` }, { tls: SERVER, name })
const tokenServer = (name: string): Promise<ScriptedServer> =>
  serve(() => ({ body: '{"token":"token-1"}' }), { tls: SERVER, name })

row('B11', 'realm on another host, login held', 'REALM_REFUSED, both hosts named, nothing sent there', async () => {
  await using thief = await tokenServer('evil.test')
  await using server = await registryWith(() => `${thief.origin}/token`)
  await using client = testClient({ [server.host]: LOGIN })
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app`)))
  const named = error.message.includes(server.host) && error.message.includes(thief.host)
  return `${error.code}, ${named ? 'both hosts named' : error.message}, ${thief.requests.length === 0 ? 'nothing' : 'something'} sent there`
})
row('B11', 'realm on the same host at another port, login held', 'REALM_REFUSED, nothing sent there', async () => {
  await using thief = await tokenServer('registry.test')
  await using server = await registryWith(() => `${thief.origin}/token`)
  const seen = await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
  return `${seen}, ${thief.requests.length === 0 ? 'nothing' : 'something'} sent there`
})
row('B11', 'realm on a host that the operator listed', `${manifest().digest}, login sent there`, async () => {
  await using issuer = await tokenServer('auth.test')
  await using server = await registryWith(() => `${issuer.origin}/token`)
  const realms = { [server.host]: [issuer.host] }
  const seen = await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN }, { realms })
  return `${seen}, ${issuer.logins().length === 1 ? 'login' : 'nothing'} sent there`
})
row('B12', 'realm http on a registry with https', 'REALM_REFUSED', async () => {
  await using server = await registryWith((origin) => `${origin.replace('https', 'http')}/token`)
  return await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
})
for (const [what, realm] of [
  ['file:', 'file:///etc/passwd'],
  ['gopher:', 'gopher://registry.test/token'],
  ['javascript:', 'javascript:1'],
  ['missing', ''],
  ['with user and password', 'https://u:p@registry.test/token'],
  ['no URL', 'https://['],
] as const) {
  row('B13', `realm ${what}`, 'REALM_REFUSED', async () => {
    await using server = await registryWith(() => realm)
    return await askOnce(`${server.host}/acme/app`)
  })
}
row('B13', 'realm relative', manifest().digest, async () => {
  await using server = await registryWith(() => '/token')
  return await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
})
row('B13', 'realm relative with a host in it, login held', 'REALM_REFUSED', async () => {
  await using server = await registryWith(() => '//evil.test/token')
  return await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
})

for (const host of [
  '127.0.0.1',
  '2130706433',
  '0x7f.1',
  '0.0.0.0',
  '10.1.2.3',
  '169.254.169.254',
  '[::1]',
  '[::ffff:169.254.169.254]',
  '[fd00::1]',
  '[64:ff9b::a00:1]',
]) {
  row('B14', `realm at ${host}, no login held`, 'REALM_REFUSED, not connected', async () => {
    await using target = await tokenServer('evil.test')
    await using server = await registryWith(() => `https://${host}:${target.port}/token`)
    return `${await askOnce(`${server.host}/acme/app`)}, ${target.requests.length === 0 ? 'not ' : ''}connected`
  })
}
row('B14', 'realm on a name that leads to 169.254.169.254', 'REALM_REFUSED', async () => {
  await using server = await registryWith(() => 'https://evil.test/token')
  const lookup = testLookup({ 'evil.test': ['169.254.169.254'] })
  return await askOnce(`${server.host}/acme/app`, {}, { lookup })
})
row('B14', 'realm on a name that turns private after it was looked at', 'REALM_REFUSED, not connected', async () => {
  await using target = await tokenServer('evil.test')
  await using server = await registryWith(() => `${target.origin}/token`)
  const lookup = testLookup({ 'evil.test': ['198.41.0.4', '127.0.0.1'] })
  lookup('evil.test', {}, () => {}) // whoever checks first sees a public address
  const seen = await askOnce(`${server.host}/acme/app`, {}, { lookup })
  return `${seen}, ${target.requests.length === 0 ? 'not ' : ''}connected`
})
row('B14', 'realm on the host of a registry that is private itself', manifest().digest, async () => {
  await using server = await registryWith((origin) => `${origin}/token`, '127.0.0.1')
  return await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
})
row('B15', 'realm with a query of its own', 'kept: tenant=a b, service=s', async () => {
  await using server = await registryWith((origin) => `${origin}/token?tenant=a%20b&service=other`)
  await askOnce(`${server.host}/acme/app`)
  const query = server.requests.find(({ path }) => path === '/token')?.query
  return `kept: tenant=${query?.get('tenant')}, service=${query?.getAll('service').join()}`
})

const judge = (registry: string, origin: string, realm: string, realms: TrustedRealms = {}): string => {
  try {
    const { trusted, addresses } = judgeRealm({ registry, origin: new URL(origin), realm, realms })
    return `${trusted ? 'trusted' : 'anonymous'} ${addresses}`
  } catch (error) {
    return hasCode(error, 'REALM_REFUSED') ? error.code : String(error)
  }
}

test('the built-in pairs may have the login, at public addresses only', () => {
  const hub = 'https://registry-1.docker.io'
  assert.equal(judge('docker.io', hub, 'https://auth.docker.io/token'), 'trusted public')
  assert.equal(
    judge('registry.gitlab.com', 'https://registry.gitlab.com', 'https://gitlab.com/jwt/auth'),
    'trusted public',
  )
  assert.equal(judge('evil.example', 'https://evil.example', 'https://auth.docker.io/token'), 'anonymous public')
  assert.equal(judge('docker.io', hub, 'https://auth.docker.io.evil.example/token'), 'anonymous public')
  assert.equal(judge('docker.io', hub, 'https://auth.docker.io:8443/token'), 'anonymous public')
})

test('what is listed for one registry says nothing about another', () => {
  const realms = { 'a.example': ['auth.a.example'] }
  assert.equal(judge('a.example', 'https://a.example', 'https://auth.a.example/t', realms), 'trusted any')
  assert.equal(judge('b.example', 'https://b.example', 'https://auth.a.example/t', realms), 'anonymous public')
  assert.equal(judge('constructor', 'https://constructor', 'https://auth.a.example/t', realms), 'anonymous public')
})

test('the default port is the same as none', () => {
  assert.equal(judge('a.example:443', 'https://a.example:443', 'https://a.example/t'), 'trusted any')
})

test('over http a token server may be the registry itself or a listed one, and nobody else', () => {
  const origin = 'http://10.0.0.1:5000'
  assert.equal(judge('10.0.0.1:5000', origin, 'http://10.0.0.1:5000/token'), 'trusted any')
  assert.equal(judge('10.0.0.1:5000', origin, 'http://10.0.0.1:5001/token'), 'REALM_REFUSED')
  assert.equal(judge('10.0.0.1:5000', origin, 'http://10.0.0.2/t', { '10.0.0.1:5000': ['10.0.0.2'] }), 'trusted any')
})
