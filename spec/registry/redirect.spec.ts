import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { row } from '../support/matrix.ts'
import { askOnce, LOGIN, outcome, testClient } from '../support/registry-client.ts'
import {
  SERVER,
  bearer,
  manifest,
  serve,
  serveRegistry,
  testLookup,
  type ScriptedServer,
} from '../support/registry-server.ts'

const { digest, type, body } = manifest()
const OK = digest
const served = { headers: { 'content-type': type, 'docker-content-digest': digest }, body }

// A CDN that serves the manifest, behind TLS unless told otherwise.
const cdn = (name: string, tls = true): Promise<ScriptedServer> =>
  serve(() => served, tls ? { tls: SERVER, name } : { name })

// Asks a registry that redirects its manifests there; tells the outcome and whether the login came along.
const see = async (target: ScriptedServer, location: string, status = 307): Promise<string> => {
  await using server = await serveRegistry(
    {
      challenge: bearer,
      first: ({ path }) => (path.includes('/manifests/') ? { status, headers: { location } } : undefined),
    },
    { tls: SERVER, name: 'registry.test' },
  )
  const seen = await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
  const reached = target.requests.length > 0
  return `${seen}, ${target.logins().length > 0 ? 'with login' : reached ? 'without login' : 'not connected'}`
}

for (const status of [301, 302, 307, 308]) {
  row('B22', `${status} to the same host at another port`, `${OK}, without login`, async () => {
    await using target = await cdn('registry.test')
    return await see(target, `${target.origin}/manifest`, status)
  })
}
row('B22', '307 to another host at a private address', 'REDIRECTED, not connected', async () => {
  await using target = await cdn('cdn.test')
  return await see(target, `${target.origin}/manifest`)
})
row('B22', '307 to an address of the cloud', 'REDIRECTED, not connected', async () => {
  await using target = await cdn('cdn.test')
  return await see(target, 'https://169.254.169.254/latest/meta-data')
})
row('B22', '307 to http on the same host', 'REDIRECTED, not connected', async () => {
  await using target = await cdn('registry.test', false)
  return await see(target, `${target.origin}/manifest`)
})
row('B22', '307 to a URL with user and password', 'REDIRECTED, not connected', async () => {
  await using target = await cdn('registry.test')
  return await see(target, `https://u:p@${target.host}/manifest`)
})
row('B22', '307 without Location', 'REDIRECTED, not connected', async () => {
  await using target = await cdn('registry.test')
  return await see(target, '')
})
row('B22', '307 to file:', 'REDIRECTED, not connected', async () => {
  await using target = await cdn('registry.test')
  return await see(target, 'file:///etc/passwd')
})
row('B22', '307 to another origin and back', 'CREDENTIALS_REJECTED, login not given again', async () => {
  let home = ''
  await using away = await serve(() => ({ status: 307, headers: { location: `${home}/v2/acme/app/manifests/back` } }), {
    tls: SERVER,
    name: 'registry.test',
  })
  const seenAtBack: (string | undefined)[] = []
  await using server = await serveRegistry(
    {
      challenge: bearer,
      first: ({ path, headers }) => {
        if (path.endsWith('/back')) seenAtBack.push(headers.authorization)
        return path.endsWith('/manifests/latest')
          ? { status: 307, headers: { location: `${away.origin}/x` } }
          : undefined
      },
    },
    { tls: SERVER, name: 'registry.test' },
  )
  home = server.origin
  const seen = await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN })
  return `${seen}, login ${seenAtBack.some((given) => given !== undefined) ? '' : 'not '}given again`
})
row('B22', '401 with a challenge of the redirect target', 'CREDENTIALS_REJECTED, no login there', async () => {
  await using thief = await serve(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="give"' } }), {
    tls: SERVER,
    name: 'registry.test',
  })
  return (await see(thief, `${thief.origin}/x`)).replace('without login', 'no login there')
})
row(
  'B22',
  '401 with a challenge of the redirect target, asked twice',
  'Bearer only, as the registry itself asked',
  async () => {
    await using thief = await serve(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="give"' } }), {
      tls: SERVER,
      name: 'registry.test',
    })
    await using server = await serveRegistry(
      {
        challenge: bearer,
        first: ({ path }) =>
          path.includes('/manifests/') ? { status: 307, headers: { location: `${thief.origin}/x` } } : undefined,
      },
      { tls: SERVER, name: 'registry.test' },
    )
    await using client = testClient({ [server.host]: LOGIN })
    for (let i = 0; i < 2; i++) await outcome(client.digest(parseReference(`${server.host}/acme/app`)))
    const schemes = server.requests
      .filter(({ path }) => path.includes('/manifests/'))
      .map(({ headers }) => headers.authorization?.split(' ')[0])
    return `${[...new Set(schemes)].join(', ')} only, as the registry itself asked`
  },
)

for (const hops of [3, 4, 11]) {
  row('B23', `${hops} redirects in a row`, hops <= 3 ? OK : 'REDIRECTED', async () => {
    await using server = await serveRegistry({
      first: ({ path }) => {
        if (!path.includes('/manifests/')) return undefined
        const hop = Number(/hop-(\d+)$/.exec(path)?.[1] ?? 0)
        return hop === hops ? served : { status: 302, headers: { location: `hop-${hop + 1}` } }
      },
    })
    return await askOnce(`${server.host}/acme/app`)
  })
}
row('B23', 'redirect to itself', 'REDIRECTED after 4 requests', async () => {
  await using server = await serveRegistry({
    first: ({ path }) => (path.includes('/manifests/') ? { status: 301, headers: { location: path } } : undefined),
  })
  const seen = await askOnce(`${server.host}/acme/app`)
  return `${seen} after ${server.requests.filter(({ path }) => path.includes('manifests')).length} requests`
})

test('a ping that redirects is not followed: a challenge counts only from the registry itself', async () => {
  await using thief = await serve(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="give"' } }), {
    tls: SERVER,
    name: 'registry.test',
  })
  await using server = await serve(() => ({ status: 307, headers: { location: `${thief.origin}/v2/` } }), {
    tls: SERVER,
    name: 'registry.test',
  })
  assert.equal(
    await askOnce(`${server.host}/acme/app`, { [server.host]: LOGIN }, { lookup: testLookup() }),
    'REDIRECTED',
  )
  assert.equal(thief.requests.length, 0)
})
