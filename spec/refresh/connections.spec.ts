import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isObject, objectAt } from '../../lib/base/json.ts'
import { see } from '../../lib/refresh/container.ts'
import {
  lacks,
  lostNetworks,
  parseConnections,
  printConnections,
  reconnect,
  startLacks,
} from '../../lib/refresh/connections.ts'
import { networksOf } from '../../lib/refresh/successor/networking.ts'
import { manualClock, type ProfileName } from '../../lib/testing/model/index.ts'
import { rawContainer, seen } from '../support/container.ts'
import { APP, setStage, type Stage } from '../support/stage.ts'

const PORT = { ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } } }
const WANTED = { endpoints: { bridge: {} }, ports: ['80/tcp'] }

/** One container that publishes a port, and a program that takes it while the container is away. */
async function cutOff(profile: ProfileName): Promise<Stage> {
  const stage = await setStage({ profile, containers: [{ name: 'web', Image: APP, ...PORT }] })
  await stage.docker.containers.stop('web')
  stage.model.occupiedPorts.add('8080')
  await assert.rejects(stage.docker.containers.start('web'))
  stage.model.occupiedPorts.clear()
  return stage
}

for (const profile of ['29', '29-containerd'] as const) {
  test(`${profile}: a failed start costs the network, and connecting brings network and port back`, async () => {
    const { docker, clock } = await cutOff(profile)
    const before = await see(docker, 'web')
    assert.deepEqual(before === undefined ? [] : lostNetworks(before, WANTED), ['bridge'])
    await reconnect({ engine: docker, clock }, 'web', WANTED)
    await docker.containers.start('web')
    const after = await see(docker, 'web')
    assert.equal(after === undefined ? 'gone' : lacks(after, WANTED), '')
  })

  test(`${profile}: a start that is repeated runs without network and port`, async () => {
    const { docker } = await cutOff(profile)
    await docker.containers.start('web')
    const seen = await see(docker, 'web')
    assert.equal(seen === undefined ? '' : lacks(seen, WANTED), 'its networks bridge and its published ports 80/tcp')
  })
}

test('a 28 loses nothing, so nothing is connected', async () => {
  const stage = await cutOff('28')
  const changes = stage.changes().length
  await reconnect({ engine: stage.docker, clock: stage.clock }, 'web', WANTED)
  assert.equal(stage.changes().length, changes)
})

test('aliases and addresses come back with the network', async () => {
  const { docker, clock } = await setStage({ profile: '29', containers: [] })
  await docker.networks.create({ Name: 'front', IPAM: { Config: [{ Subnet: '10.44.0.0/24' }] } })
  const endpoint = { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.44.0.77' }, MacAddress: '02:42:ac:11:00:97' }
  const body = {
    Image: APP,
    HostConfig: { NetworkMode: 'front' },
    NetworkingConfig: { EndpointsConfig: { front: endpoint } },
  }
  const { Id } = await docker.containers.create(body, { name: 'web' })
  await docker.networks.disconnect('front', { Container: Id })
  await reconnect({ engine: docker, clock }, Id, { endpoints: { front: endpoint }, ports: [] })
  await docker.containers.start(Id)
  const front = networksOf((await see(docker, Id))?.raw ?? {})['front']
  assert.deepEqual(isObject(front) ? front['Aliases'] : undefined, ['web'])
  assert.equal(objectAt({ front }, 'front')['IPAddress'], '10.44.0.77')
  assert.equal(objectAt({ front }, 'front')['MacAddress'], '02:42:ac:11:00:97')
})

test('connections survive their label, and a label that is none is no connections', () => {
  assert.deepEqual(parseConnections(printConnections(WANTED)), WANTED)
  for (const text of ['', '{', '[]', '{"ports":["80/tcp"]}']) assert.equal(parseConnections(text), undefined)
})

const PORTS = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
const BOUND = { HostConfig: { PortBindings: PORTS } }
const old = seen({ ...BOUND, Ports: PORTS })
const withoutPorts = { ...BOUND, Ports: {} }

for (const [about, then, lacking] of [
  ['has ended since', { ...withoutPorts, State: { Status: 'exited', Running: false } }, ''],
  ['was started anew', { ...withoutPorts, top: { RestartCount: 1 } }, ''],
  ['has its ports after all', { ...BOUND, Ports: PORTS }, ''],
  ['still runs without', withoutPorts, 'its published ports 80/tcp'],
] as const) {
  test(`a successor without its ports that ${about} lacks ${lacking || 'nothing'}`, async () => {
    const containers = { inspectRaw: async () => rawContainer(then) }
    const engine = { containers, networks: {} } as unknown as Parameters<typeof startLacks>[0]['engine']
    const context = { engine, clock: manualClock({ auto: true }) }
    assert.equal(await startLacks(context, old, seen(withoutPorts), undefined), lacking)
  })
}
