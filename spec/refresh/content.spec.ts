import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Candidate } from '../../lib/refresh/candidates.ts'
import type { RefreshEngine } from '../../lib/refresh/container.ts'
import { wantedContent } from '../../lib/refresh/content.ts'
import { seen } from '../support/container.ts'

const AMD64 = `sha256:${'a'.repeat(64)}`
const ARM64 = `sha256:${'b'.repeat(64)}`
const ATTESTATION = `sha256:${'c'.repeat(64)}`
const NEW = 'sha256:index-new'

const manifest = (digest: string, Kind: string) => ({
  ID: digest,
  Descriptor: { mediaType: '', digest, size: 1 },
  Available: true,
  Kind,
})

/** An engine whose image has these manifests, and what it was asked. */
function engineWith(Manifests: readonly object[] | undefined): { engine: RefreshEngine; asked: unknown[][] } {
  const asked: unknown[][] = []
  const inspect = async (...given: unknown[]) => {
    asked.push(given)
    return { Id: NEW, Manifests }
  }
  return { engine: { images: { inspect } } as unknown as RefreshEngine, asked }
}

const candidate = (Image: string, digest?: string): Candidate => ({
  seen: seen({ top: { Image, ...(digest === undefined ? {} : { ImageManifestDescriptor: { digest } }) } }),
  ref: undefined,
})
const MANIFESTS = [manifest(AMD64, 'image'), manifest(ARM64, 'image'), manifest(ATTESTATION, 'attestation')]

test('a container whose manifest is in the new index runs the same content', async () => {
  const { engine } = engineWith(MANIFESTS)
  for (const [digest, same] of [
    [AMD64, true],
    [ARM64, true],
    [`sha256:${'d'.repeat(64)}`, false],
    [ATTESTATION, false],
  ] as const) {
    const old = candidate('sha256:index-old', digest)
    const wanted = await wantedContent(engine, NEW, [old])
    assert.deepEqual([wanted.imageId, wanted.sameContent(old)], [NEW, same], digest)
  }
})

test('manifests are asked for only where ids differ and the engine tells what containers run', async () => {
  const { engine, asked } = engineWith(MANIFESTS)
  const classic = candidate('sha256:old')
  const wanted = await wantedContent(engine, NEW, [classic, candidate(NEW, AMD64)])
  assert.deepEqual([asked, wanted.sameContent(classic)], [[], false])
  await wantedContent(engine, NEW, [candidate('sha256:index-old', AMD64)])
  assert.deepEqual(asked, [[NEW, { manifests: true }]])
})

test('where an engine tells no manifests nothing is the same', async () => {
  const { engine } = engineWith(undefined)
  const old = candidate('sha256:index-old', AMD64)
  assert.equal((await wantedContent(engine, NEW, [old])).sameContent(old), false)
})
