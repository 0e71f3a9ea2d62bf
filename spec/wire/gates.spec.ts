import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { SINCE, needs } from '../../lib/wire/gates.ts'
import { recordingTransport } from '../support/recording-transport.ts'

const files = [{ name: 'a', content: 'b' }]
const endpoints = (...all: object[]) => ({
  Image: 'i',
  NetworkingConfig: { EndpointsConfig: Object.fromEntries(all.map((endpoint, i) => [`n${i}`, endpoint])) },
})

/** For each feature a call that asks for it. */
const CALLS: Readonly<Record<keyof typeof SINCE, (docker: Docker) => unknown>> = {
  'MAC address of an endpoint': ({ containers }) => containers.create(endpoints({ MacAddress: '02:00:00:00:00:01' })),
  'attestations of an image': ({ images }) => images.attestations('i'),
  'console size of an exec': ({ exec }) => exec.create('c', { Cmd: ['a'], ConsoleSize: [1, 2] }),
  'identity in an image list': ({ images }) => images.list({ identity: true }),
  'limits of a build prune': ({ images }) => images.buildPrune({ maxUsedSpace: 1 }),
  'manifests in an image list': ({ images }) => images.list({ manifests: true }),
  'manifests of an image inspect': ({ images }) => images.inspect('i', { manifests: true }),
  'one-shot stats': ({ containers }) => containers.stats('c', { oneShot: true }).next(),
  'platform of a push': ({ images }) => images.push('i', { platform: 'linux/arm64' }),
  'platform of a save or load': ({ images }) => images.load(files, { platform: 'linux/arm64' }),
  'platform of an image history': ({ images }) => images.history('i', { platform: 'linux/arm64' }),
  'platform of an image inspect': ({ images }) => images.inspect('i', { platform: 'linux/arm64' }),
  'platforms of an image removal': ({ images }) => images.remove('i', { platforms: ['linux/arm64'] }),
  'several networks at create': ({ containers }) => containers.create(endpoints({}, {})),
  'several platforms of a save or load': ({ images }) =>
    images.save('i', { platform: ['linux/arm64', 'linux/amd64'] }).bytes(),
  'shared size in an image list': ({ images }) => images.list({ sharedSize: true }),
  'signal of stop and restart': ({ containers }) => containers.stop('c', { signal: 'SIGINT' }),
  'types of a disk usage report': ({ system }) => system.df({ type: ['image'] }),
  'update of a volume': ({ volumes }) => volumes.update('v', { Spec: {} }, { version: 1 }),
  'verbose disk usage report': ({ system }) => system.df({ verbose: true }),
}

function before(version: string): string {
  const [major, minor] = version.split('.').map(Number)
  return `${major}.${(minor as number) - 1}`
}

for (const [feature, since] of Object.entries(SINCE) as [keyof typeof SINCE, string][]) {
  test(`"${feature}" is refused below API ${since} with the version needed, and sent from it on`, async () => {
    for (const [apiVersion, code] of [
      [before(since), 'ENGINE_TOO_OLD'],
      [since, 'NOT_FOUND'],
    ] as const) {
      const transport = recordingTransport()
      const docker = await connect({ host: 'unix:///nowhere', apiVersion, transport: () => transport })
      await assert.rejects(
        Promise.resolve(CALLS[feature](docker)),
        (error) => hasCode(error, code) && (code === 'NOT_FOUND' || error.message.includes(`needs API ${since}`)),
      )
      // Whether it is podman is asked beside it.
      const sent = transport.requests.filter(({ path }) => !/^\/(?:_ping|version)$/.test(path))
      assert.equal(sent.length, code === 'NOT_FOUND' ? 1 : 0)
    }
  })
}

test('an option that was not given, or is false, needs nothing', () => {
  assert.deepEqual(needs({ 'platform of a push': undefined, 'verbose disk usage report': false }), [])
  assert.deepEqual(needs({ 'platform of a push': 'linux/arm64' }), ['platform of a push'])
})

test('a MAC address of an endpoint that the container has too needs no API version', async () => {
  const transport = recordingTransport()
  const docker = await connect({ host: 'unix:///nowhere', apiVersion: '1.41', transport: () => transport })
  const MacAddress = '02:00:00:00:00:01'
  const body = { ...endpoints({ MacAddress }), MacAddress }
  await assert.rejects(Promise.resolve(docker.containers.create(body)), (error) => hasCode(error, 'NOT_FOUND'))
  assert.equal(transport.requests.length, 1)
})
