import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { row } from '../support/matrix.ts'
import { askOnce, failureOf, LOGIN, outcome, testClient } from '../support/registry-client.ts'
import { bearer, index, manifest, serveRegistry, sha256, type Reply } from '../support/registry-server.ts'

const image = manifest()
const OK = image.digest

// One digest from a registry that answers its manifests so.
const see = async (answer: Reply | ((method: string) => Reply), reference = 'acme/app'): Promise<string> => {
  const replyTo = typeof answer === 'function' ? answer : () => answer
  await using server = await serveRegistry({
    first: ({ method, path }) => (path.includes('/manifests/') ? replyTo(method) : undefined),
  })
  return await askOnce(`${server.host}/${reference}`)
}
const typed = (headers: Record<string, string> = {}, body = image.body): Reply => ({
  headers: { 'content-type': image.type, ...headers },
  body,
})

row('C25', 'no digest header', OK, () => see(typed()))
row('C25', 'no digest header on HEAD, one on GET', OK, () =>
  see((method) => typed(method === 'HEAD' ? {} : { 'docker-content-digest': OK })),
)
row('C25', 'HEAD not known', OK, () => see((method) => (method === 'HEAD' ? { status: 405 } : typed())))
for (const digest of [
  'sha256:../../x',
  `sha256:${'A'.repeat(64)}`,
  'sha256:abc',
  `md5:${'a'.repeat(32)}`,
  ' ',
  OK.slice(7),
])
  row('C26', `digest ${JSON.stringify(digest.slice(0, 20))}`, 'PROTOCOL_VIOLATION', () =>
    see(typed({ 'docker-content-digest': digest })),
  )
row('C27', 'header that is not the hash of the body', 'DIGEST_MISMATCH', () =>
  see((method) => (method === 'HEAD' ? typed() : typed({ 'docker-content-digest': sha256('other') }))),
)
row('C27', 'reference by digest, another one in the header', 'DIGEST_MISMATCH', () =>
  see(typed({ 'docker-content-digest': OK }), `acme/app@${sha256('other')}`),
)
row('C27', 'reference by digest, other bytes, no header', 'DIGEST_MISMATCH', () =>
  see(typed(), `acme/app@${sha256('other')}`),
)
row('C28', 'manifest of 5 MiB', 'PROTOCOL_VIOLATION', () =>
  see(typed({}, JSON.stringify({ layers: ['x'.repeat(5 << 20)] }))),
)
row('C29', 'Content-Type with charset', OK, () =>
  see({
    ...typed({ 'docker-content-digest': OK }),
    headers: { 'content-type': `${image.type}; charset=utf-8`, 'docker-content-digest': OK },
  }),
)
row('C29', 'text/html with status 200', 'PROTOCOL_VIOLATION', () =>
  see({ headers: { 'content-type': 'text/html', 'docker-content-digest': OK }, body: '<html>log in</html>' }),
)
row('C29', 'text/html with status 200, no digest', 'PROTOCOL_VIOLATION', () =>
  see({ headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' }),
)
row('C29', 'no Content-Type', 'PROTOCOL_VIOLATION', () =>
  see({ headers: { 'docker-content-digest': OK }, body: image.body }),
)
for (const suffix of ['json', 'prettyjws'])
  row('C30', `schema 1 (${suffix})`, 'UNSUPPORTED', () =>
    see({ headers: { 'content-type': `application/vnd.docker.distribution.manifest.v1+${suffix}` }, body: '{}' }),
  )
row('C31', 'digest that alternates', 'a, b, a: each as it is, none from memory', async () => {
  const [a, b] = [manifest('a'), manifest('b')]
  const turn = [a, b, a]
  await using server = await serveRegistry({
    first: ({ path }) =>
      path.includes('/manifests/') ? typed({ 'docker-content-digest': (turn.shift() ?? a).digest }) : undefined,
  })
  await using client = testClient()
  const seen: string[] = []
  for (let i = 0; i < 3; i++) {
    const { digest } = await client.digest(parseReference(`${server.host}/acme/app`))
    seen.push(digest === a.digest ? 'a' : 'b')
  }
  return `${seen.join(', ')}: each as it is, none from memory`
})
row('C32', 'tag that is gone', 'NOT_FOUND', () => askMissing())
row('C33', 'index without our platform', 'NO_PLATFORM, naming linux/amd64, linux/arm/v7', async () => {
  const list = index('linux/amd64', 'linux/arm/v7', 'unknown/unknown')
  await using server = await serveRegistry({ images: { 'acme/app:latest': list } })
  await using client = testClient()
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app`), { platform: 'linux/arm64' }))
  return `${error.code}, naming ${(error.facts['offered'] as string[]).join(', ').replace('amd64/v1', 'amd64')}`
})
row('C33', 'index without our platform that need not fit', 'its own digest, and what it lists', async () => {
  const list = index('linux/386', 'linux/s390x')
  await using server = await serveRegistry({ images: { 'acme/app:latest': list } })
  await using client = testClient()
  const ref = parseReference(`${server.host}/acme/app`)
  const seen = await client.digest(ref, { platform: 'linux/amd64', mustFit: false })
  assert.deepEqual([seen.platformDigest, seen.offered, seen.misfit], [undefined, ['linux/386', 'linux/s390x'], false])
  const listed = seen.manifests?.join() === [sha256('linux/386'), sha256('linux/s390x')].join()
  return seen.digest === list.digest && listed ? 'its own digest, and what it lists' : JSON.stringify(seen)
})
row('T6', 'index that comes typed as a manifest', 'PROTOCOL_VIOLATION', () => see(typed({}, index('linux/amd64').body)))
row('T6', 'manifest with layers and manifests', 'PROTOCOL_VIOLATION', () =>
  see(typed({}, JSON.stringify({ layers: [], manifests: [] }))),
)

async function askMissing(): Promise<string> {
  await using server = await serveRegistry()
  return await askOnce(`${server.host}/acme/app:gone`)
}

test('the words of a refusal are fetched by a GET, for a HEAD has none', async () => {
  await using server = await serveRegistry()
  await using client = testClient()
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app:gone`)))
  assert.equal(error.words, 'MANIFEST_UNKNOWN: manifest unknown')
  assert.match(error.message, /acme\/app:gone/)
})

test('all four media types are asked for, the indexes among them', async () => {
  await using server = await serveRegistry()
  await askOnce(`${server.host}/acme/app`)
  const { accept = '' } = server.requests.at(-1)?.headers ?? {}
  assert.equal(
    accept,
    'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, ' +
      'application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json',
  )
})

test('the digest of a platform is read from the index, once for an index', async () => {
  const list = index('linux/amd64', 'linux/arm64')
  await using server = await serveRegistry({ images: { 'acme/app:latest': list } })
  await using client = testClient()
  const ref = parseReference(`${server.host}/acme/app`)
  const found = await client.digest(ref, { platform: 'linux/arm64/v8' })
  assert.equal(found.digest, list.digest)
  assert.equal(found.platformDigest, sha256('linux/arm64'))
  assert.equal((await client.digest(ref, { platform: 'linux/amd64' })).platformDigest, sha256('linux/amd64'))
  const seen = server.requests.map(({ method, path }) => `${method} ${path.replace(/.*\//, '')}`)
  assert.deepEqual(seen, ['GET ', 'HEAD latest', `GET ${list.digest}`, 'HEAD latest'])
})

test('a digest that is known needs no look inside its index, another one does', async () => {
  const list = index('linux/amd64')
  await using server = await serveRegistry({ images: { 'acme/app:latest': list } })
  await using client = testClient()
  const ref = parseReference(`${server.host}/acme/app`)
  const known = await client.digest(ref, { platform: 'linux/amd64', known: [sha256('other'), list.digest] })
  assert.deepEqual([known.digest, known.platformDigest], [list.digest, undefined])
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ['GET', 'HEAD'],
  )
  const unknown = await client.digest(ref, { platform: 'linux/amd64', known: [sha256('other')] })
  assert.equal(unknown.platformDigest, sha256('linux/amd64'))
})

test('an image without index is the same for every platform', async () => {
  await using server = await serveRegistry()
  await using client = testClient()
  const found = await client.digest(parseReference(`${server.host}/acme/app`), { platform: 'linux/arm64' })
  assert.equal(found.platformDigest, found.digest)
})

test('a malformed platform is refused before anything is sent', async () => {
  await using server = await serveRegistry()
  await using client = testClient()
  const error = await failureOf(client.digest(parseReference(`${server.host}/acme/app`), { platform: 'linux' }))
  assert.equal(error.code, 'INPUT_INVALID')
  assert.equal(server.requests.length, 0)
})

test('where a digest costs a GET, an unchanged ETag makes it free of its body', async () => {
  let sent = 0
  const other = manifest('other')
  let now = image
  await using server = await serveRegistry({
    first: ({ method, path, headers }) => {
      if (!path.includes('/manifests/')) return undefined
      const etag = `"${now.digest}"`
      if (method === 'GET' && headers['if-none-match'] === etag) return { status: 304, headers: { etag } }
      if (method === 'GET') sent++
      return { headers: { 'content-type': now.type, etag }, body: now.body }
    },
  })
  await using client = testClient()
  const ref = parseReference(`${server.host}/acme/app`)
  assert.equal((await client.digest(ref)).digest, OK)
  assert.equal((await client.digest(ref)).digest, OK)
  assert.equal(sent, 1)
  now = other
  assert.equal((await client.digest(ref)).digest, other.digest)
})

test('a login is named by its source, and the rate limit told as the registry tells it', async () => {
  await using server = await serveRegistry({
    challenge: bearer,
    first: ({ method }) =>
      method === 'HEAD'
        ? typed({ 'docker-content-digest': OK, 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' })
        : undefined,
  })
  await using client = testClient({ [server.host]: LOGIN })
  const found = await client.digest(parseReference(`${server.host}/acme/app`))
  assert.equal(found.source, 'the spec')
  assert.deepEqual(found.rateLimit, { limit: 100, remaining: 76, window: 21_600, source: undefined })
})

test('an aborted question ends at once', async () => {
  await using server = await serveRegistry({ first: () => () => {} })
  await using client = testClient()
  const controller = new AbortController()
  const asked = outcome(client.digest(parseReference(`${server.host}/acme/app`), { signal: controller.signal }))
  controller.abort(new Error('enough'))
  assert.equal(await asked, 'ABORTED')
})
