import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isObject, isZero, objectAt, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import type { ImageInspect } from '../../lib/engine/schema/images.ts'
import { marksToLabels } from '../../lib/refresh/marks.ts'
import { proveSuccessor, type Difference } from '../../lib/refresh/proof.ts'
import { successor } from '../../lib/refresh/successor/successor.ts'
import { ID, image, json, recordedImage, seen, seenOf, type Change, type Recording } from '../support/container.ts'
import { createdFrom } from '../support/created.ts'

const FULL: Change = {
  Config: {
    Env: ['OWN=1'],
    Labels: { own: 'x', empty: '' },
    User: 'app',
    WorkingDir: '/own',
    Domainname: 'example.org',
    StopSignal: 'SIGUSR1',
    StopTimeout: 33,
    ExposedPorts: { '80/tcp': {} },
    Healthcheck: { Test: ['CMD', 'ok'], Interval: 1e9 },
    Tty: true,
  },
  HostConfig: {
    NetworkMode: 'backend',
    Binds: ['data:/data:ro', '/srv:/srv'],
    Memory: 64 << 20,
    CapAdd: ['NET_ADMIN', 'SYS_TIME'],
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    Sysctls: { 'net.core.somaxconn': '1024' },
    Ulimits: [
      { Name: 'nofile', Hard: 2, Soft: 1 },
      { Name: 'core', Hard: 0, Soft: 0 },
    ],
    MaskedPaths: [],
    DeviceRequests: [{ Driver: 'nvidia', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }],
  },
  Networks: {
    backend: { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.1.0.9' }, GwPriority: 3, DriverOpts: { a: 'b' } },
    other: { Aliases: ['second'] },
  },
  Mounts: [
    { Type: 'volume', Name: 'data', Source: '/volumes/data', Destination: '/data', RW: false },
    { Type: 'bind', Source: '/srv', Destination: '/srv', RW: true },
    { Type: 'volume', Name: 'anonymous', Source: '/volumes/anonymous', Destination: '/var', RW: true },
  ],
}
const NEW_IMAGE = image({ Cmd: ['run'], Env: ['PATH=/bin', 'V=2'], Labels: { version: '2' }, StopSignal: 'SIGINT' })

type Spoil = (made: { raw: JsonObject; Config: JsonObject; HostConfig: JsonObject; networks: JsonObject }) => void

/** What the proof finds when the engine made the planned container, and then `spoil` was done to its inspect. */
function differences(
  change: Change,
  spoil: (made: {
    raw: JsonObject
    Config: JsonObject
    HostConfig: JsonObject
    networks: JsonObject
  }) => void = () => {},
  recording: Recording = 'docker-28.5',
  newImage: ImageInspect = NEW_IMAGE,
): Difference[] {
  const old = seen(change, recording)
  const apiVersion = recording === 'docker-20.10' ? '1.41' : '1.51'
  const plan = successor({ old, oldImage: recordedImage(), newImage, apiVersion })
  const raw = createdFrom(plan, newImage, { recording })
  const networks = objectAt(objectAt(raw, 'NetworkSettings'), 'Networks')
  spoil({ raw, Config: objectAt(raw, 'Config'), HostConfig: objectAt(raw, 'HostConfig'), networks })
  return proveSuccessor({ plan, old, created: seenOf(raw), newImage })
}

const fields = (found: readonly Difference[]): string[] => found.map(({ field }) => field)

test('a container that is as planned has no difference', () => {
  for (const recording of ['docker-20.10', 'docker-28.5'] as const) {
    assert.deepEqual(differences({}, undefined, recording), [])
    assert.deepEqual(differences(FULL, undefined, recording), [])
  }
})

test('the marks are no difference', () => {
  const mark = marksToLabels({
    op: 'x',
    replaces: ID,
    name: 'ws-1',
    was: 'running',
    restart: { Name: 'no' },
    spec: '',
    holder: 'h',
    lease: 9,
    member: 0,
  })
  assert.deepEqual(
    differences(FULL, ({ Config }) => Object.assign(objectAt(Config, 'Labels'), mark)),
    [],
  )
})

test('an image that moved between plan and create is found', () => {
  const found = differences(FULL, ({ raw }) => void (raw['Image'] = 'sha256:other'))
  assert.deepEqual(found, [{ field: 'Image', planned: '"sha256:new"', found: '"sha256:other"' }])
})

const SPOILED: readonly (readonly [part: 'Config' | 'HostConfig', member: string, value: JsonValue])[] = [
  ['Config', 'Env', ['OWN=1', 'PATH=/bin']],
  ['Config', 'Env', ['OWN=2', 'PATH=/bin', 'V=2']],
  ['Config', 'Labels', { own: 'y', empty: '', version: '2' }],
  ['Config', 'Labels', { own: 'x', version: '2' }],
  ['Config', 'Labels', { own: 'x', empty: '', version: '2', more: '' }],
  ['Config', 'User', ''],
  ['Config', 'WorkingDir', '/'],
  ['Config', 'Domainname', ''],
  ['Config', 'StopSignal', 'SIGKILL'],
  ['Config', 'StopTimeout', 10],
  ['Config', 'ExposedPorts', {}],
  ['Config', 'Healthcheck', { Test: ['CMD', 'ok'] }],
  ['Config', 'Tty', false],
  ['Config', 'Cmd', ['other']],
  ['Config', 'Entrypoint', ['other']],
  ['HostConfig', 'NetworkMode', 'other'],
  ['HostConfig', 'Memory', 0],
  ['HostConfig', 'CapAdd', ['NET_ADMIN']],
  ['HostConfig', 'PortBindings', {}],
  ['HostConfig', 'PortBindings', { '80/tcp': [{ HostIp: '', HostPort: '8081' }] }],
  ['HostConfig', 'RestartPolicy', { Name: 'no', MaximumRetryCount: 0 }],
  ['HostConfig', 'Sysctls', null],
  ['HostConfig', 'Ulimits', [{ Name: 'nofile', Hard: 2, Soft: 1 }]],
  ['HostConfig', 'MaskedPaths', null],
  ['HostConfig', 'DeviceRequests', null],
  ['HostConfig', 'ReadonlyPaths', []],
]

for (const [part, member, value] of SPOILED) {
  test(`${part}.${member} that became ${JSON.stringify(value)} is found and named`, () => {
    const found = differences(FULL, (made) => void (made[part][member] = value))
    assert.deepEqual(fields(found), [`${part}.${member}`])
  })
}

test('every planned member of the host config that an engine leaves out is found and named', () => {
  const plan = successor({ old: seen(FULL), oldImage: recordedImage(), newImage: NEW_IMAGE, apiVersion: '1.51' })
  const set = Object.entries(objectAt(plan.body, 'HostConfig')).filter(([, value]) => !isZero(value))
  assert.ok(set.length > 12)
  for (const [member, value] of set) {
    const found = differences(FULL, ({ HostConfig }) => void (HostConfig[member] = zeroOf(value)))
    assert.deepEqual(fields(found), [`HostConfig.${member}`])
  }
})

const zeroOf = (value: JsonValue): JsonValue => {
  if (isObject(value)) return Object.hasOwn(value, 'Name') ? { Name: '' } : {}
  return typeof value === 'string' ? '' : typeof value === 'number' ? 0 : null
}

test('a network that is missing, and one that nobody asked for, are found and named', () => {
  assert.deepEqual(fields(differences(FULL, ({ networks }) => void delete networks['other'])).slice(0, 1), [
    'Networks.other',
  ])
  assert.deepEqual(fields(differences(FULL, ({ networks }) => void (networks['third'] = {}))), ['Networks.third'])
})

for (const [member, value] of [
  ['Aliases', []],
  ['IPAMConfig', null],
  ['IPAMConfig', { IPv4Address: '10.1.0.10' }],
  ['DriverOpts', null],
] as const) {
  test(`${member} of a network that became ${JSON.stringify(value)} is found and named`, () => {
    const found = differences(FULL, ({ networks }) => void (objectAt(networks, 'backend')[member] = value as JsonValue))
    assert.deepEqual(fields(found), [`Networks.backend.${member}`])
  })
}

test('aliases that the engine adds are no difference', () => {
  const found = differences(FULL, ({ networks }) => {
    objectAt(networks, 'backend')['Aliases'] = ['facade000000', 'web']
  })
  assert.deepEqual(found, [])
})

const spoilt = (spoil: (mounts: JsonObject[]) => JsonObject[]): string[] =>
  fields(differences(FULL, ({ raw }) => void (raw['Mounts'] = spoil(raw['Mounts'] as JsonObject[]))))

test('a mount that is missing, became another volume, or may be written to all at once is found and named', () => {
  assert.deepEqual(
    spoilt((mounts) => mounts.filter(({ Destination }) => Destination !== '/var')),
    ['Mounts./var'],
  )
  assert.deepEqual(
    spoilt((mounts) => mounts.map((mount) => (mount['Name'] === 'anonymous' ? { ...mount, Name: 'fresh' } : mount))),
    ['Mounts./var'],
  )
  assert.deepEqual(
    spoilt((mounts) => mounts.map((mount) => (mount['Name'] === 'data' ? { ...mount, RW: true } : mount))),
    ['Mounts./data'],
  )
})

test('a mount that only the new image asks for is no difference', () => {
  const found = differences(FULL, ({ raw }) =>
    (raw['Mounts'] as JsonValue[]).push({ Type: 'volume', Name: 'new', Source: '/new', Destination: '/new', RW: true }),
  )
  assert.deepEqual(found, [])
})

test('zero values that an engine prints or leaves out are no difference', () => {
  const found = differences(FULL, ({ Config, HostConfig }) => {
    Object.assign(HostConfig, {
      Dns: [],
      DnsOptions: [],
      GroupAdd: [],
      Devices: [],
      Binds: HostConfig['Binds'],
      Init: false,
    })
    for (const member of ['OomScoreAdj', 'CpuShares', 'VolumesFrom', 'ContainerIDFile', 'Cgroup'])
      delete HostConfig[member]
    for (const member of ['AttachStdin', 'OpenStdin', 'Domain', 'OnBuild', 'Volumes']) delete Config[member]
    Config['Entrypoint'] = []
  })
  assert.deepEqual(found, [])
})

test('the order of Env, capabilities and limits is no difference', () => {
  const found = differences(FULL, ({ Config, HostConfig }) => {
    Config['Env'] = (Config['Env'] as JsonValue[]).toReversed()
    HostConfig['CapAdd'] = (HostConfig['CapAdd'] as JsonValue[]).toReversed()
    HostConfig['Ulimits'] = (HostConfig['Ulimits'] as JsonValue[]).toReversed()
  })
  assert.deepEqual(found, [])
})

test('the order of a command is a difference', () => {
  const change = { Config: { Cmd: ['a', 'b'] } }
  assert.deepEqual(fields(differences(change, ({ Config }) => void (Config['Cmd'] = ['b', 'a']))), ['Config.Cmd'])
})

test('a 64-bit integer that lost its last digit is found', () => {
  const change = { HostConfig: json('{"Memory":9007199254740993}') }
  assert.deepEqual(differences(change), [])
  assert.deepEqual(
    differences(change, ({ HostConfig }) => void (HostConfig['Memory'] = 9007199254740992)),
    [{ field: 'HostConfig.Memory', planned: '9007199254740993', found: '9007199254740992' }],
  )
})

test('a label __proto__ that was lost is found', () => {
  const change = { Config: { Labels: json('{"__proto__":"x"}') } }
  assert.deepEqual(differences(change), [])
  assert.deepEqual(fields(differences(change, ({ Config }) => void (Config['Labels'] = { version: '2' }))), [
    'Config.Labels',
  ])
})

test('limits as podman shows them are those that were asked for', () => {
  const found = differences(FULL, ({ HostConfig }) => {
    HostConfig['Ulimits'] = [
      { Name: 'RLIMIT_NOFILE', Hard: 2, Soft: 1 },
      { Name: 'RLIMIT_CORE', Hard: 0, Soft: 0 },
    ]
  })
  assert.deepEqual(found, [])
})

test('podman shows "bridge" for every network, which is no difference', () => {
  assert.deepEqual(
    differences(FULL, ({ HostConfig }) => void (HostConfig['NetworkMode'] = 'bridge')),
    [],
  )
})

test('an entrypoint that was switched off is as planned whether the engine shows null or what was sent', () => {
  const off = { Config: { Entrypoint: [''], Cmd: ['x'] } }
  assert.deepEqual(differences(off), [])
  assert.deepEqual(
    differences(off, ({ Config }) => void (Config['Entrypoint'] = [''])),
    [],
  )
  assert.deepEqual(fields(differences(off, ({ Config }) => void (Config['Entrypoint'] = ['e']))), ['Config.Entrypoint'])
})

test('a long value is cut in what is told', () => {
  const found = differences(FULL, ({ Config }) => void (Config['User'] = 'x'.repeat(500)))
  assert.ok((found[0]?.found.length ?? 0) < 130)
})

test('links are as planned in the words in which an engine shows them', () => {
  const links = { HostConfig: { Links: ['/db:/ws-1/database', '/cache:/ws-1/cache'] } }
  const shown = ['/cache:/ws-1.dockline-next/cache', '/db:/ws-1.dockline-next/database']
  assert.deepEqual(
    differences(links, ({ HostConfig }) => void (HostConfig['Links'] = shown)),
    [],
  )
  assert.deepEqual(fields(differences(links, ({ HostConfig }) => void (HostConfig['Links'] = shown.slice(1)))), [
    'HostConfig.Links',
  ])
})

test('annotations that podman makes itself are no difference, those of the user are', () => {
  const own = { HostConfig: { Annotations: { own: 'x', 'io.container.manager': 'libpod' } } }
  const made = (annotations: JsonObject): Difference[] =>
    differences(own, ({ HostConfig }) => void (HostConfig['Annotations'] = annotations))
  assert.deepEqual(made({ own: 'x', 'io.podman.annotations.pids-limit': '2048' }), [])
  assert.deepEqual(fields(made({ 'io.podman.annotations.pids-limit': '2048' })), ['HostConfig.Annotations'])
})

test('a device without permissions, as podman shows it, is one with all of them', () => {
  const device = { PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm', CgroupPermissions: '' }
  const change = { HostConfig: { Devices: [device] } }
  const made = (Devices: JsonValue): Difference[] =>
    differences(change, ({ HostConfig }) => void (HostConfig['Devices'] = Devices))
  assert.deepEqual(made([device]), [])
  assert.deepEqual(fields(made([{ ...device, CgroupPermissions: 'r' }])), ['HostConfig.Devices'])
})

const shows = (StopSignal: string, WorkingDir: string): string[] =>
  fields(differences({}, ({ Config }) => void Object.assign(Config, { StopSignal, WorkingDir }), 'podman-5.8'))

test('podman shows signals as numbers and "/" for no directory, which is no difference', () => {
  assert.deepEqual(shows('2', '/'), [])
  assert.deepEqual(shows('15', '/'), ['Config.StopSignal'])
  assert.deepEqual(shows('SIGINT', '/other'), ['Config.WorkingDir'])
})

test('a configured MAC address and a gateway priority that are lost are found and named', () => {
  const MacAddress = '02:42:ac:11:00:99'
  const change: Change = {
    Config: { MacAddress },
    HostConfig: { NetworkMode: 'backend' },
    Networks: { backend: { GwPriority: 3, MacAddress } },
  }
  const shown: Spoil = ({ networks }) => void (objectAt(networks, 'backend')['MacAddress'] = MacAddress.toUpperCase())
  assert.deepEqual(differences(change, shown), [])
  assert.deepEqual(
    fields(differences(change, ({ networks }) => void delete objectAt(networks, 'backend')['MacAddress'])),
    ['Networks.backend.MacAddress'],
  )
  assert.deepEqual(
    fields(differences(change, (made) => [shown(made), (objectAt(made.networks, 'backend')['GwPriority'] = 0)])),
    ['Networks.backend.GwPriority'],
  )
})

test('a network that the engine joined although the container has left all of its own is found and named', () => {
  const change: Change = { HostConfig: { NetworkMode: 'bridge' }, Networks: {} }
  assert.deepEqual(fields(differences(change, ({ networks }) => void (networks['bridge'] = {}))), ['Networks.bridge'])
})

test('what stands under the networks of a container without one of its own is no difference', () => {
  for (const mode of ['host', 'none', `container:${ID}`]) {
    const change: Change = { HostConfig: { NetworkMode: mode }, Networks: { [mode]: {} } }
    assert.deepEqual(
      differences(change, ({ networks }) => void (networks[mode] = {})),
      [],
    )
  }
})

test('a namespace of another container that became a network is found', () => {
  const change: Change = { HostConfig: { NetworkMode: `container:${ID}` }, Networks: {} }
  const found = differences(change, ({ HostConfig }) => void (HostConfig['NetworkMode'] = 'bridge'))
  assert.deepEqual(fields(found), ['HostConfig.NetworkMode'])
})

test('podman shows a health check with its defaults, which is no difference; another check is one', () => {
  const newImage = image({ Cmd: ['run'], Healthcheck: { Test: ['CMD', 'new'] } })
  const shown = (Healthcheck: JsonObject | undefined, own?: JsonObject): string[] => {
    const spoil: Spoil = ({ Config }) => void Object.assign(Config, { Healthcheck })
    return fields(differences(own === undefined ? {} : { Config: { Healthcheck: own } }, spoil, 'podman-5.8', newImage))
  }
  const filled = { Test: ['CMD', 'new'], Interval: 30e9, Timeout: 30e9, Retries: 3 }
  assert.deepEqual(shown(filled), [])
  assert.deepEqual(shown({ ...filled, Interval: 1e9 }), ['Config.Healthcheck'])
  assert.deepEqual(shown(undefined), ['Config.Healthcheck'])
  const own = { ...filled, Test: ['CMD', 'own'] }
  assert.deepEqual(shown(own, own), [])
  assert.deepEqual(shown(filled, own), ['Config.Healthcheck'])
})

test('with podman the ports that come with --publish-all are no difference, one that nobody asked for is', () => {
  const newImage = image({ Cmd: ['run'], ExposedPorts: { '82/tcp': {} } })
  const binding = [{ HostIp: '0.0.0.0', HostPort: '32768' }]
  const shown = (PublishAllPorts: boolean, PortBindings: JsonObject): string[] => {
    const change: Change = { HostConfig: { PublishAllPorts, PortBindings: { '80/tcp': binding } } }
    const spoil: Spoil = ({ HostConfig }) => void Object.assign(HostConfig, { PortBindings })
    return fields(differences(change, spoil, 'podman-5.8', newImage))
  }
  assert.deepEqual(shown(true, { '80/tcp': binding, '82/tcp': binding }), [])
  assert.deepEqual(shown(false, { '80/tcp': binding, '82/tcp': binding }), ['HostConfig.PortBindings'])
  assert.deepEqual(shown(true, { '80/tcp': binding, '99/tcp': binding }), ['HostConfig.PortBindings'])
  assert.deepEqual(shown(true, { '82/tcp': binding }), ['HostConfig.PortBindings'])
})

test('podman 4 shows an exposed port among the bindings, bound to nothing, which is no difference', () => {
  const newImage = image({ Cmd: ['run'], ExposedPorts: { '82/tcp': {} } })
  const shown = (PortBindings: JsonObject, own: JsonObject = {}): string[] => {
    const spoil: Spoil = ({ HostConfig }) => void Object.assign(HostConfig, { PortBindings })
    return fields(differences({ HostConfig: { PortBindings: own } }, spoil, 'podman-5.8', newImage))
  }
  assert.deepEqual(shown({ '82/tcp': null }), [])
  assert.deepEqual(shown({ '82/tcp': null }, { '53/udp': null }), [])
  assert.deepEqual(shown({ '82/tcp': [{ HostIp: '', HostPort: '82' }] }), ['HostConfig.PortBindings'])
})

test('podman may show nothing as exposed where a container has no network of its own, which is no difference', () => {
  const newImage = image({ Cmd: ['run'], ExposedPorts: { '82/tcp': {} } })
  const shown = (NetworkMode: string): string[] => {
    const spoil: Spoil = ({ Config }) => void delete Config['ExposedPorts']
    return fields(differences({ HostConfig: { NetworkMode } }, spoil, 'podman-5.8', newImage))
  }
  assert.deepEqual(shown('host'), [])
  assert.deepEqual(shown('none'), [])
  assert.deepEqual(shown('bridge'), ['Config.ExposedPorts'])
})

test('a volume of the image that a tmpfs covers is not missed', () => {
  const newImage = image({ Cmd: ['run'], Volumes: { '/data': {} } })
  const old = seen({ HostConfig: { Tmpfs: { '/data/': 'size=1m' } } })
  const plan = successor({ old, oldImage: recordedImage(), newImage, apiVersion: '1.51' })
  const created = seenOf(createdFrom(plan, newImage))
  assert.deepEqual(proveSuccessor({ plan, old, created, newImage }), [])
})

test('the order in which podman shows binds and bindings is no difference, nor that it shows the image’s volumes', () => {
  const one = { HostIp: '127.0.0.1', HostPort: '81' }
  const other = { HostIp: '127.0.0.1', HostPort: '82' }
  const change: Change = {
    HostConfig: { Binds: ['/a:/a', '/b:/b'], PortBindings: { '80/tcp': [one, other] } },
  }
  const newImage = image({ Cmd: ['run'], Volumes: { '/data': {} } })
  const shown = (Binds: JsonValue[]): string[] => {
    const spoil: Spoil = ({ raw, HostConfig }) => {
      Object.assign(HostConfig, { Binds, PortBindings: { '80/tcp': [other, one] } })
      raw['Mounts'] = [{ Type: 'volume', Name: 'c0ffee', Source: '/c0ffee', Destination: '/data', RW: true }]
    }
    return fields(differences(change, spoil, 'podman-5.8', newImage))
  }
  assert.deepEqual(shown(['/b:/b', '/a:/a', 'c0ffee:/data:rw,rbind']), [])
  assert.deepEqual(shown(['/b:/b', 'c0ffee:/data:rw,rbind']), ['HostConfig.Binds'])
  assert.deepEqual(shown(['/b:/b', '/a:/a', 'c0ffee:/other:rw,rbind']), ['HostConfig.Binds'])
})

test('when all ports are published, those of the new image that podman shows among the bindings are no difference', () => {
  const bound = { '80/tcp': [{ HostIp: '', HostPort: '41000' }] }
  const change: Change = { HostConfig: { PublishAllPorts: true, PortBindings: bound } }
  const newImage = image({ Cmd: ['run'], ExposedPorts: { '80/tcp': {}, '82/tcp': {} } })
  const shown = (bindings: JsonObject): string[] => {
    const spoil: Spoil = ({ HostConfig }) => void (HostConfig['PortBindings'] = bindings)
    return fields(differences(change, spoil, 'podman-5.8', newImage))
  }
  assert.deepEqual(shown({ ...bound, '82/tcp': [{ HostIp: '', HostPort: '41001' }] }), [])
  assert.deepEqual(shown({ ...bound, '83/tcp': [{ HostIp: '', HostPort: '41001' }] }), ['HostConfig.PortBindings'])
  assert.deepEqual(shown({ '82/tcp': [{ HostIp: '', HostPort: '41001' }] }), ['HostConfig.PortBindings'])
})

test('an empty command is as planned whether the engine takes it for the image’s or at its word', () => {
  const shown = (Cmd: JsonValue): string[] =>
    fields(differences({ Config: { Cmd: [], Entrypoint: null } }, ({ Config }) => void (Config['Cmd'] = Cmd)))
  assert.deepEqual(shown(['run']), [])
  assert.deepEqual(shown([]), [])
  assert.deepEqual(shown(['other']), ['Config.Cmd'])
})

test('the defaults of a health check that podman writes out are no difference, other values are', () => {
  const newImage = image({ Cmd: ['run'], Healthcheck: { Test: ['CMD', 'ok'], Interval: 1e9 } })
  const shown = (more: JsonObject): string[] => {
    const spoil: Spoil = ({ Config }) => void Object.assign(objectAt(Config, 'Healthcheck'), more)
    return fields(differences({}, spoil, 'podman-5.8', newImage))
  }
  assert.deepEqual(shown({ Timeout: 30e9, Retries: 3 }), [])
  assert.deepEqual(shown({ Timeout: 31e9 }), ['Config.Healthcheck'])
})
