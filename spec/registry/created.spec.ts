import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import { imageContent, indexContent } from '../../lib/testing/registry/image.ts'
import { serveRegistry, sha256, type Reply, type ScriptedServer } from '../support/registry-server.ts'
import { failureOf, testClient } from '../support/registry-client.ts'

const MADE = imageContent({ created: '2026-05-04T03:02:01Z' })
const INDEX = indexContent({ manifests: [{ created: '2026-05-04T03:02:01Z' }] })

/** A registry with the image, whose blobs are what `blob` says. */
function serveImage(blob: Reply = { body: MADE.config.bytes }): Promise<ScriptedServer> {
  const images = Object.fromEntries(
    [MADE.manifest, INDEX.manifest].map(({ bytes, mediaType, digest }) => [
      `acme/app:${digest.slice(7, 15)}`,
      { type: mediaType, body: bytes.toString(), digest },
    ]),
  )
  return serveRegistry({ images, first: ({ path }) => (path.includes('/blobs/') ? blob : undefined) })
}

async function ask(server: ScriptedServer, digest: string = MADE.manifest.digest): Promise<number | undefined> {
  await using client = testClient()
  return await client.created({ ...parseReference(`${server.host}/acme/app`), digest })
}

test('the time at which an image was made is read from its config, by two GETs', async () => {
  await using server = await serveImage()
  assert.equal(await ask(server), Date.parse('2026-05-04T03:02:01Z'))
  assert.deepEqual(server.requests.map(({ method, path }) => `${method} ${path}`).slice(1), [
    `GET /v2/acme/app/manifests/${MADE.manifest.digest}`,
    `GET /v2/acme/app/blobs/${MADE.config.digest}`,
  ])
})

test('an index does not say when it was made', async () => {
  await using server = await serveImage()
  assert.equal(await ask(server, INDEX.manifest.digest), undefined)
})

test('bytes that are not what the digest says are refused, and so is a config that is not there', async () => {
  await using lying = await serveImage({ body: '{"created":"1999-01-01T00:00:00Z"}' })
  assert.equal((await failureOf(ask(lying))).code, 'DIGEST_MISMATCH')
  await using without = await serveImage({ status: 404, body: '{}' })
  assert.equal((await failureOf(ask(without))).code, 'NOT_FOUND')
  await using other = await serveImage()
  assert.equal((await failureOf(ask(other, sha256('other')))).code, 'NOT_FOUND')
})
