// What the client makes of answers that Docker 29 and the containerd store give (recorded or seen on 29.7.2).
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode, type ErrorCode } from '../../lib/base/errors.ts'
import { parseJson } from '../../lib/base/json.ts'
import { connect } from '../../lib/engine/connect.ts'
import { insteadOfIndex, pushed } from '../../lib/engine/image-outcome.ts'
import { diskUsage } from '../../lib/engine/schema/disk-usage.ts'
import { imageInspect } from '../../lib/engine/schema/images.ts'
import { network } from '../../lib/engine/schema/networks.ts'
import { systemInfo } from '../../lib/engine/schema/system-info.ts'
import { modelEngine } from '../../lib/testing/model/index.ts'
import { replay } from '../../lib/testing/replay.ts'
import { exchange } from '../support/exchanges.ts'

const PULL = 'POST /v1.51/images/create?fromImage=127.0.0.1%3A5000%2Facme%2Fapp&tag=1'
const INSPECT = 'GET /v1.51/images/127.0.0.1:5000/acme/app:1/json'
const DIGEST = `sha256:${'a'.repeat(64)}`
const IMAGE = `{"Id":"${DIGEST}","RepoTags":["127.0.0.1:5000/acme/app:1"],"RepoDigests":["127.0.0.1:5000/acme/app@${DIGEST}"],"Architecture":"arm64","Os":"linux","Size":1,"Config":{},"RootFS":{}}`
const LINES = [
  '{"status":"Pulling from acme/app","id":"1"}\r\n',
  `{"status":"Digest: ${DIGEST}"}\r\n`,
  '{"status":"Status: Downloaded newer image for 127.0.0.1:5000/acme/app:1"}\r\n',
]
const TYPE = { 'content-type': 'application/json' }
const missing = exchange(INSPECT, ['{"message":"No such image"}'], { response: { status: 404, headers: TYPE } })
const there = exchange(INSPECT, [IMAGE], { response: { headers: TYPE } })

const REFUSED: readonly (readonly [status: number, words: string, code: ErrorCode])[] = [
  [
    500,
    'unknown: failed to resolve reference "127.0.0.1:5000/acme/app:1": unexpected status from HEAD request to http://127.0.0.1:5000/v2/acme/app/manifests/1: 401 Unauthorized',
    'CREDENTIALS_REJECTED',
  ],
  [
    404,
    'no matching manifest for linux/amd64/v4 in the manifest list entries: no match for platform in manifest: not found',
    'NO_PLATFORM',
  ],
  [404, 'no match for platform in manifest: not found', 'NO_PLATFORM'],
  [404, 'failed to resolve reference "127.0.0.1:5000/acme/app:1": 127.0.0.1:5000/acme/app:1: not found', 'NOT_FOUND'],
]

for (const [status, words, code] of REFUSED) {
  test(`a pull refused with ${status} "${words.slice(0, 34)}…" is ${code}`, async () => {
    const refused = exchange(PULL, [JSON.stringify({ message: words })], { response: { status, headers: TYPE } })
    await using served = await replay([missing, refused])
    await using docker = await connect({ host: `unix://${served.socketPath}`, apiVersion: '1.51' })
    const auth = { username: 'ci', password: 'wrong' }
    await assert.rejects(Promise.resolve(docker.images.pull('127.0.0.1:5000/acme/app:1', { auth })), (error) =>
      hasCode(error, code),
    )
  })
}

test('a WARNING after the closing line of a pull is no cut', async () => {
  const warned = [...LINES, '{"status":"WARNING: image with reference 127.0.0.1:5000/acme/app:1 was found"}\r\n']
  await using served = await replay([missing, exchange(PULL, warned, { response: { headers: TYPE } }), there])
  await using docker = await connect({ host: `unix://${served.socketPath}`, apiVersion: '1.51', validate: 'strict' })
  const { id, digest } = await docker.images.pull('127.0.0.1:5000/acme/app:1')
  assert.equal(id, DIGEST)
  assert.equal(digest, DIGEST)
})

test('a pull that falls silent after its first line is ended by the idle deadline', async () => {
  const silent = exchange(PULL, LINES.slice(0, 1), { response: { headers: TYPE, open: true } })
  await using served = await replay([missing, silent])
  await using docker = await connect({ host: `unix://${served.socketPath}`, apiVersion: '1.51' })
  await assert.rejects(
    Promise.resolve(docker.images.pull('127.0.0.1:5000/acme/app:1', {}, { idleTimeout: 20 })),
    (error) => hasCode(error, 'TIMEOUT'),
  )
})

test('an image whose content is not here is not taken for pulled', async () => {
  const absent = exchange(INSPECT, [IMAGE.replace('"linux"', '""')], { response: { headers: TYPE } })
  await using served = await replay([missing, exchange(PULL, LINES, { response: { headers: TYPE } }), absent])
  await using docker = await connect({ host: `unix://${served.socketPath}`, apiVersion: '1.51' })
  await assert.rejects(Promise.resolve(docker.images.pull('127.0.0.1:5000/acme/app:1')), (error) =>
    hasCode(error, 'NO_PLATFORM'),
  )
})

test('the digest of a push is that of its text line, where no aux tells one', () => {
  const { digest, tag } = pushed({ status: `1: digest: ${DIGEST} size: 528` }) ?? {}
  assert.equal(digest, DIGEST)
  assert.equal(tag, '1')
})

test('a manifest that was pushed in the place of its index is told', () => {
  const aux = {
    manifestPushedInsteadOfIndex: true,
    originalIndex: { digest: 'sha256:i' },
    selectedManifest: { digest: 'sha256:m' },
  }
  assert.deepEqual(insteadOfIndex({ aux }), { index: 'sha256:i', manifest: 'sha256:m' })
  assert.equal(insteadOfIndex({ aux: { Tag: '1', Digest: DIGEST, Size: 1 } }), undefined)
})

test('an image list with identities asks for the manifests too', async () => {
  const engine = modelEngine({ profile: '29-containerd' })
  await using docker = await connect({ host: 'unix:///model', transport: () => engine.transport() })
  assert.deepEqual(await docker.images.list({ identity: true }), [])
  assert.equal(engine.calls.at(-1)?.query.get('manifests'), '1')
})

test('a usage that leaves out what is 0 is read as zeros and an empty list', () => {
  const { ImageUsage, LayersSize } = diskUsage.parse({ ImageUsage: {} })
  assert.deepEqual(ImageUsage, { ActiveCount: 0, TotalCount: 0, Reclaimable: 0, TotalSize: 0, Items: [] })
  assert.equal(LayersSize, undefined)
})

test('an image without config, layers and platform is read', () => {
  const image = imageInspect.parse(parseJson(IMAGE.replace('"linux"', '""')))
  assert.equal(image.Os, '')
  assert.deepEqual(image.RootFS, { Layers: [] })
})

test('the counts of an IPv6 network stay whole beyond 2^53', () => {
  const raw = `{"Id":"x","Name":"n","Created":"","Scope":"local","Driver":"bridge","Internal":false,"Attachable":false,"IPAM":{},"Status":{"IPAM":{"Subnets":{"fd00::/64":{"IPsInUse":2,"DynamicIPsAvailable":18446744073709551614}}}}}`
  const { Status } = network.parse(parseJson(raw))
  assert.equal(Status?.IPAM.Subnets['fd00::/64']?.DynamicIPsAvailable, 18_446_744_073_709_551_614n)
})

test('the firewall of an engine comes with what it tells of it', async () => {
  const engine = modelEngine({ profile: '29' })
  await using docker = await connect({ host: 'unix:///model', transport: () => engine.transport() })
  const { FirewallBackend } = await docker.info()
  assert.deepEqual(FirewallBackend?.Info, [['EnableUserlandProxy', 'true']])
  assert.equal(systemInfo.safeParse({}).success, false)
})
