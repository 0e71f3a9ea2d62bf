// What podman keeps and its compatible inspect does not show, carried over twice: the second time there is no command line.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { objectAt, parseJson, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { ContainerReport } from '../../lib/refresh/report.ts'
import type { ContainerSeed, ProfileName } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version, type Stage } from '../support/stage.ts'

const PODMANS = ['podman-4', 'podman', 'podman-6'] as const satisfies ProfileName[]

function made(flags: string, body: object = {}): ContainerSeed {
  const CreateCommand = ['podman', 'run', ...flags.split(' '), '--name=ws-1', APP, '--sysctl', 'not=mine']
  return { name: 'ws-1', Image: APP, ...body, libpod: { Config: { CreateCommand, Umask: '0022' } } }
}

interface Moved {
  readonly stage: Stage
  readonly reports: ContainerReport[]
  /** Bodies of the create calls. */
  readonly bodies: JsonObject[]
}

async function movedTwice(
  seed: ContainerSeed,
  profile: ProfileName,
  options: Partial<RefreshOptions> = {},
): Promise<Moved> {
  const stage = await setStage({ profile })
  await stage.docker.networks.create({ Name: 'n1', IPAM: { Config: [{ Subnet: '10.99.7.0/24' }] } })
  stage.model.seed(seed)
  const reports: ContainerReport[] = []
  for (const number of [2, 3]) {
    stage.model.publish(APP, version(number))
    const { containers } = await refresh(stage.ports, { ...everything, ...options })
    reports.push(containers[0] as ContainerReport)
  }
  const calls = stage.model.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/containers/create'))
  return { stage, reports, bodies: calls.map(({ body }) => parseJson(Buffer.from(body).toString()) as JsonObject) }
}

const hostConfigs = ({ bodies }: Moved, member: string): (JsonValue | undefined)[] =>
  bodies.map((body) => objectAt(body, 'HostConfig')[member])

for (const profile of PODMANS) {
  test(`${profile}: a swappiness that nobody asked for is not sent`, async () => {
    const moved = await movedTwice(made('-d'), profile)
    assert.deepEqual(
      moved.reports.map(({ outcome }) => outcome),
      ['replaced', 'replaced'],
    )
    assert.deepEqual(hostConfigs(moved, 'MemorySwappiness'), [undefined, undefined])
    const limited = await movedTwice(made('-d', { HostConfig: { Memory: 1 << 28 } }), profile)
    assert.deepEqual(hostConfigs(limited, 'MemorySwappiness'), [undefined, undefined])
  })

  test(`${profile}: a swappiness of 0 that was asked for is sent, and so is any other`, async () => {
    const zero = await movedTwice(made('--memory-swappiness 0', { HostConfig: { MemorySwappiness: 0 } }), profile)
    assert.deepEqual(hostConfigs(zero, 'MemorySwappiness'), [0, 0])
    const Memory = 1 << 28
    const api = { name: 'ws-1', Image: APP, HostConfig: { MemorySwappiness: 0, Memory } }
    assert.deepEqual(hostConfigs(await movedTwice(api, profile), 'MemorySwappiness'), [0, 0])
    const thirty = { name: 'ws-1', Image: APP, HostConfig: { MemorySwappiness: 30 } }
    assert.deepEqual(hostConfigs(await movedTwice(thirty, profile), 'MemorySwappiness'), [30, 30])
  })

  test(`${profile}: sysctls come from the command line, and from the label after it`, async () => {
    const moved = await movedTwice(made('--sysctl net.core.somaxconn=777 --sysctl=kernel.shmmax=1000'), profile)
    const sysctls = { 'net.core.somaxconn': '777', 'kernel.shmmax': '1000' }
    assert.deepEqual(hostConfigs(moved, 'Sysctls'), [sysctls, sysctls])
  })

  test(`${profile}: a device keeps its rights`, async () => {
    const Devices = [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/f2', CgroupPermissions: 'r' }]
    const moved = await movedTwice(made('--device /dev/fuse:/dev/f2:r', { HostConfig: { Devices } }), profile)
    assert.deepEqual(hostConfigs(moved, 'Devices'), [Devices, Devices])
    const whole = [{ ...Devices[0], CgroupPermissions: 'rwm' }]
    const other = await movedTwice(made('--device /dev/fuse:/dev/f2', { HostConfig: { Devices: whole } }), profile)
    assert.deepEqual(hostConfigs(other, 'Devices'), [whole, whole])
  })

  test(`${profile}: the IPC namespace of the machine stays`, async () => {
    const moved = await movedTwice(made('--ipc host', { HostConfig: { IpcMode: 'host' } }), profile)
    assert.deepEqual(hostConfigs(moved, 'IpcMode'), ['host', 'host'])
    assert.deepEqual(hostConfigs(moved, 'ShmSize'), [undefined, undefined])
  })

  test(`${profile}: an address and a MAC that were asked for are asked for again`, async () => {
    const NetworkingConfig = { EndpointsConfig: { n1: { IPAMConfig: { IPv4Address: '10.99.7.77' }, MacAddress: MAC } } }
    for (const flags of [`--network n1 --ip 10.99.7.77 --mac-address ${MAC}`, `--net=n1:ip=10.99.7.77,mac=${MAC}`]) {
      const { stage, reports } = await movedTwice(made(flags, { NetworkingConfig, HostConfig: ON_N1 }), profile)
      assert.deepEqual(
        reports.map(({ outcome }) => outcome),
        ['replaced', 'replaced'],
      )
      assert.deepEqual(await addressOf(stage), ['10.99.7.77', MAC])
      assert.doesNotMatch(reports[0]?.settings?.changed.join() ?? '', /which it has now/)
    }
  })

  test(`${profile}: an address that was given by podman is not held on to`, async () => {
    const { bodies } = await movedTwice(made('--network n1', { HostConfig: ON_N1 }), profile)
    const endpoints = bodies.map((body) => objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
    assert.deepEqual(
      endpoints.map((networks) => objectAt(networks, 'n1')['IPAMConfig']),
      [undefined, undefined],
    )
  })

  test(`${profile}: what has no command line keeps the address that it has, and the report says so`, async () => {
    const NetworkingConfig = { EndpointsConfig: { n1: { IPAMConfig: { IPv4Address: '10.99.7.77' } } } }
    const seed = { name: 'ws-1', Image: APP, NetworkingConfig, HostConfig: ON_N1 }
    const { stage, reports } = await movedTwice(seed, profile)
    const [address] = await addressOf(stage)
    assert.equal(address, '10.99.7.77')
    assert.match(reports[0]?.settings?.changed.join('\n') ?? '', /^Networks\.n1: asks for 10\.99\.7\.77/m)
    assert.match(reports[0]?.settings?.changed.join('\n') ?? '', /^HostConfig\.Sysctls/m)
    assert.doesNotMatch(reports[1]?.settings?.changed.join('\n') ?? '', /HostConfig\.Sysctls|Networks\.n1/)
  })
}

test('started first, it is found by its final name: a rename does not reach the DNS of podman', async () => {
  for (const profile of PODMANS) {
    const stopFirst = await movedTwice(made('--network n1 --network-alias web', ALIASED), profile)
    assert.deepEqual(aliasesOf(stopFirst), [['web'], ['web']])
    const startFirst = await movedTwice(made('--network n1 --network-alias web', ALIASED), profile, START_FIRST)
    assert.deepEqual(aliasesOf(startFirst), [
      ['web', 'ws-1'],
      ['web', 'ws-1'],
    ])
    assert.deepEqual(startFirst.reports[0]?.warnings, [])
  }
})

test('an address that was asked for forbids to start first', async () => {
  const NetworkingConfig = { EndpointsConfig: { n1: { IPAMConfig: { IPv4Address: '10.99.7.77' } } } }
  const seed = made('--network n1 --ip 10.99.7.77', { NetworkingConfig, HostConfig: ON_N1 })
  const { reports } = await movedTwice(seed, 'podman', START_FIRST)
  assert.equal(reports[0]?.outcome, 'replaced')
  assert.match(reports[0]?.warnings.join() ?? '', /start-first is not possible: it has an address of its own in n1/)
})

test('a stopped container without a command line: the report says that no address can be told', async () => {
  const NetworkingConfig = { EndpointsConfig: { n1: { IPAMConfig: { IPv4Address: '10.99.7.77' } } } }
  const seed = { name: 'ws-1', Image: APP, running: false, NetworkingConfig, HostConfig: ON_N1 }
  const { reports } = await movedTwice(seed, 'podman')
  assert.match(reports[0]?.settings?.changed.join('\n') ?? '', /^Networks\.n1: podman shows no address/m)
})

test('device rules come from the command line where the API takes them', async () => {
  const moved = await movedTwice(made('--device-cgroup-rule c:1:3:r'), 'podman')
  assert.deepEqual(hostConfigs(moved, 'DeviceCgroupRules'), [['c:1:3:r'], ['c:1:3:r']])
})

test('the report says that the hosts file of the machine is left out', async () => {
  const { reports } = await movedTwice(
    { ...made('-d'), libpod: { ...made('-d').libpod, HostConfig: { HostsFile: '' } } },
    'podman',
  )
  assert.match(reports[0]?.settings?.changed.join('\n') ?? '', /^\/etc\/hosts: /m)
})

const MAC = '02:42:0a:63:01:55'
const ON_N1 = { NetworkMode: 'n1' }

const ALIASED = { NetworkingConfig: { EndpointsConfig: { n1: { Aliases: ['web'] } } }, HostConfig: ON_N1 }
const START_FIRST = { order: 'start-first' } as const

function aliasesOf({ bodies }: Moved): (JsonValue | undefined)[] {
  const networks = bodies.map((body) => objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
  return networks.map((endpoints) => objectAt(endpoints, 'n1')['Aliases'])
}

async function addressOf({ docker }: Stage): Promise<unknown[]> {
  const { NetworkSettings } = await docker.containers.inspect('ws-1')
  const endpoint = NetworkSettings.Networks['n1']
  return [endpoint?.IPAddress, endpoint?.MacAddress]
}
