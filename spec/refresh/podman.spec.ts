// What podman keeps and its compatible inspect does not show, carried over twice: the second time there is no command line.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { objectAt, parseJson, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { ContainerReport } from '../../lib/refresh/report.ts'
import type { ContainerSeed, ProfileName } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version, withCalls, type Stage } from '../support/stage.ts'

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
  config: Readonly<Record<string, unknown>> = {},
): Promise<Moved> {
  const image = (number: number): ReturnType<typeof version> => version(number, { config })
  const stage = await setStage({ profile, images: { [APP]: image(1) } })
  await stage.docker.networks.create({ Name: 'n1', IPAM: { Config: [{ Subnet: '10.99.7.0/24' }] } })
  stage.model.seed(seed)
  const reports: ContainerReport[] = []
  for (const number of [2, 3]) {
    stage.model.publish(APP, image(number))
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
      assert.doesNotMatch(reports[0]?.settings?.changed.join() ?? '', /drawn anew/)
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

  test(`${profile}: what has no command line gets an address anew, and the report says so`, async () => {
    const { bodies, reports } = await movedTwice(API_MADE, profile)
    assert.deepEqual(bodies.map(askedOf), [
      [undefined, undefined],
      [undefined, undefined],
    ])
    const [first = '', second = ''] = reports.map(({ settings }) => settings?.changed.join('\n') ?? '')
    assert.match(first, /^Networks\.n1: 10\.99\.7\.77 and \S+ are drawn anew; .*--keep-ip .*dockline\.keep-mac/m)
    assert.match(first, /^HostConfig\.Sysctls/m)
    assert.doesNotMatch(second, /HostConfig\.Sysctls|Networks\.n1/)
  })

  for (const [how, options, Labels] of [
    ['--keep-ip and --keep-mac', { keepIp: true, keepMac: true }, {}],
    ['its labels', {}, { 'dockline.keep-ip': '', 'dockline.keep-mac': 'true' }],
  ] as const) {
    test(`${profile}: ${how} keep the addresses of what has no command line`, async () => {
      const { stage, reports } = await movedTwice({ ...API_MADE, Labels }, profile, options)
      assert.deepEqual(await addressOf(stage), ['10.99.7.77', MAC])
      assert.doesNotMatch(reports[0]?.settings?.changed.join('\n') ?? '', /^Networks\.n1/m)
    })
  }

  test(`${profile}: an entry of the environment that equals the image's is the user's by the command line`, async () => {
    const moved = await movedTwice(made('-e VERSION=1 --env A=1', { Env: ['VERSION=1', 'A=1'] }), profile)
    for (const body of moved.bodies) {
      const env = (body['Env'] as string[]).filter((entry) => /^(?:VERSION|A)=/.test(entry))
      assert.deepEqual(env.toSorted(), ['A=1', 'VERSION=1'])
    }
  })

  test(`${profile}: a home that podman set is not held on to, one that was asked for is`, async () => {
    const config = { Cmd: ['/serve'], User: '1000', WorkingDir: '/srv' }
    const home = async (seed: ContainerSeed): Promise<unknown[]> => {
      const { bodies, reports } = await movedTwice(seed, profile, {}, config)
      assert.deepEqual(
        reports.map(({ outcome }) => outcome),
        ['replaced', 'replaced'],
      )
      return bodies.map((body) => (body['Env'] as string[]).find((entry) => entry.startsWith('HOME=')))
    }
    assert.deepEqual(await home({ name: 'ws-1', Image: APP }), [undefined, undefined])
    assert.deepEqual(await home(made('-d')), [undefined, undefined])
    assert.deepEqual(await home(made('-e HOME=/srv', { Env: ['HOME=/srv'] })), ['HOME=/srv', 'HOME=/srv'])
  })

  test(`${profile}: a container that has left its last network is made without one`, async () => {
    const stage = await setStage({ profile, containers: [{ name: 'ws-1', Image: APP }] })
    await stage.docker.networks.disconnect('podman', { Container: 'ws-1' })
    stage.model.publish(APP, version(2))
    const { containers } = await refresh(stage.ports, everything)
    assert.equal(containers[0]?.outcome, 'replaced', containers[0]?.reason)
    const { NetworkSettings } = await stage.docker.containers.inspect('ws-1')
    assert.deepEqual(Object.keys(NetworkSettings.Networks), [])
  })
}

test('the report says that an interface had another name than it will have', async () => {
  const seed = { name: 'ws-1', Image: APP, HostConfig: ON_N1 }
  const { stage, reports } = await movedTwice(seed, 'podman')
  assert.doesNotMatch(reports[0]?.settings?.changed.join('\n') ?? '', /NetworkSettings/)
  const archiveInfo = (): Promise<never> => stage.docker.containers.archiveInfo('ws-1', { path: '/nowhere' }) as never
  stage.model.publish(APP, version(4))
  const { containers } = await refresh({ ...stage.ports, engine: withCalls(stage, { archiveInfo }) }, everything)
  assert.match(containers[0]?.settings?.changed.join('\n') ?? '', /^NetworkSettings: it has no interface eth0, /m)
})

test('of a container made over an API the report names each member that podman does not show', async () => {
  const changed = async (profile: ProfileName): Promise<string> => {
    const { reports } = await movedTwice({ name: 'ws-1', Image: APP }, profile)
    return reports[0]?.settings?.changed.find((note) => note.startsWith('HostConfig')) ?? ''
  }
  const all = 'HostConfig.Sysctls, HostConfig.DeviceCgroupRules, HostConfig.MemorySwappiness 0'
  assert.ok((await changed('podman-4')).startsWith(`${all}, HostConfig.IpcMode: podman shows none`))
  assert.ok((await changed('podman')).startsWith(`${all}: podman shows none`))
})

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

function askedOf(body: JsonObject): unknown[] {
  const endpoint = objectAt(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'), 'n1')
  return [endpoint['IPAMConfig'], endpoint['MacAddress']]
}

const MAC = '02:42:0a:63:01:55'
const ON_N1 = { NetworkMode: 'n1' }

const ALIASED = { NetworkingConfig: { EndpointsConfig: { n1: { Aliases: ['web'] } } }, HostConfig: ON_N1 }
const START_FIRST = { order: 'start-first' } as const

function aliasesOf({ bodies }: Moved): (JsonValue | undefined)[] {
  const networks = bodies.map((body) => objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
  return networks.map((endpoints) => objectAt(endpoints, 'n1')['Aliases'])
}

const API_MADE = {
  name: 'ws-1',
  Image: APP,
  HostConfig: ON_N1,
  NetworkingConfig: { EndpointsConfig: { n1: { IPAMConfig: { IPv4Address: '10.99.7.77' }, MacAddress: MAC } } },
}

async function addressOf({ docker }: Stage): Promise<unknown[]> {
  const { NetworkSettings } = await docker.containers.inspect('ws-1')
  const endpoint = NetworkSettings.Networks['n1']
  return [endpoint?.IPAddress, endpoint?.MacAddress]
}
