import assert from 'node:assert/strict'
import { test } from 'node:test'

import { objectAt, printJson } from '../../../lib/base/json.ts'
import { createUlimit, pointTo } from '../../../lib/refresh/successor/host-config.ts'
import { json, member, planOf, rawContainer, type Overlay, type PlanOptions } from '../../support/container.ts'

const hostConfig = (own: Overlay, options: PlanOptions = {}) => planOf({ HostConfig: own }, options)

const OTHER = 'beef'.padEnd(64, '0')
const MOVED = new Map([[OTHER, 'fade'.padEnd(64, '0')]])

for (const name of ['NetworkMode', 'IpcMode', 'PidMode']) {
  test(`11 ${name} of another container points at its successor when that moves too, else stays`, () => {
    const own = { [name]: `container:${OTHER}` }
    assert.equal(member(hostConfig(own, { moved: MOVED }), name), `container:${MOVED.get(OTHER)}`)
    assert.equal(member(hostConfig(own), name), `container:${OTHER}`)
  })
}

test('11 a namespace by name points at the successor by what the caller says', () => {
  const moved = new Map([['web', 'web-2']])
  assert.equal(pointTo('container:web', moved), 'container:web-2')
  assert.equal(pointTo('container:webby', moved), 'container:webby')
  assert.equal(pointTo('web', moved), 'web')
})

test('11 VolumesFrom points at the successor and keeps its options', () => {
  const plan = hostConfig({ VolumesFrom: [OTHER, `${OTHER}:ro`, 'plain:ro,z'] }, { moved: MOVED })
  const target = MOVED.get(OTHER)
  assert.deepEqual(member(plan, 'VolumesFrom'), [target, `${target}:ro`, 'plain:ro,z'])
})

test('13 a link is written as a create takes it, "child:alias"', () => {
  const plan = hostConfig({ Links: ['/db:/ws-1/database', '/cache:/ws-1/cache'] })
  assert.deepEqual(member(plan, 'Links'), ['db:database', 'cache:cache'])
})

test('13 a link in the short form stays', () => {
  assert.deepEqual(member(hostConfig({ Links: ['db:database'] }), 'Links'), ['db:database'])
})

for (const name of ['MaskedPaths', 'ReadonlyPaths']) {
  test(`16 ${name}: null, the defaults, [], none at all, and a list stay what they are`, () => {
    for (const value of [null, [], ['/proc/kcore']])
      assert.deepEqual(member(hostConfig({ [name]: value }), name), value)
  })
}

test('16 a member that is absent stays absent', () => {
  const plan = hostConfig({ MaskedPaths: undefined, Binds: undefined, Init: undefined })
  const shown = plan.body['HostConfig'] as object
  for (const name of ['MaskedPaths', 'Binds', 'Init']) assert.ok(!Object.hasOwn(shown, name), name)
})

test('17 what tells null from false, zero and -1 is passed on as it is', () => {
  const own = { OomKillDisable: null, MemorySwappiness: -1, PidsLimit: null, MemorySwap: -1, Memory: 4194304 }
  for (const [name, value] of Object.entries(own)) assert.equal(member(hostConfig(own), name), value, name)
  for (const value of [null, false, true]) assert.equal(member(hostConfig({ Init: value }), 'Init'), value)
})

test('17 64-bit integers are sent digit by digit', () => {
  const own = json('{"Memory":9007199254740993,"MemorySwap":-1,"NanoCpus":9223372036854775807}')
  const plan = hostConfig(own)
  assert.equal(member(plan, 'Memory'), 9007199254740993n)
  assert.match(printJson(plan.body), /"Memory":9007199254740993,/)
  assert.match(printJson(plan.body), /"NanoCpus":9223372036854775807[,}]/)
})

for (const [name, gone, last] of [
  ['KernelMemory', '1.42', '1.41'],
  ['KernelMemoryTCP', '1.52', '1.51'],
] as const) {
  test(`17 ${name} is sent up to API ${last}, and left out with a note from ${gone} on`, () => {
    assert.equal(member(hostConfig({ [name]: 4096 }, { apiVersion: last }), name), 4096)
    const plan = hostConfig({ [name]: 4096 }, { apiVersion: gone })
    assert.ok(!Object.hasOwn(plan.body['HostConfig'] as object, name))
    assert.deepEqual(plan.notes.dropped, [`HostConfig.${name}: gone since API ${gone}`])
  })

  test(`17 a ${name} that was not set is left out without a note`, () => {
    for (const nothing of [0, null])
      assert.deepEqual(hostConfig({ [name]: nothing }, { apiVersion: gone }).notes.dropped, [])
  })
}

test('18 what the engine filled in from its own defaults is resent', () => {
  const own = {
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    IpcMode: 'private',
    CgroupnsMode: 'host',
    ShmSize: 67108864,
    Runtime: 'runc',
    Ulimits: [{ Name: 'nofile', Hard: 2048, Soft: 1024 }],
  }
  const plan = hostConfig(own)
  for (const [name, value] of Object.entries(own)) assert.deepEqual(member(plan, name), value, name)
})

test('18 limits as podman shows them are written as a create takes them', () => {
  assert.deepEqual(createUlimit({ Name: 'RLIMIT_NOFILE', Hard: 2, Soft: 1 }), { Name: 'nofile', Hard: 2, Soft: 1 })
  assert.deepEqual(createUlimit({ Name: 'core', Hard: -1, Soft: -1 }), { Name: 'core', Hard: -1, Soft: -1 })
  assert.equal(createUlimit(null), null)
})

test('19 GPUs, CDI devices, cgroup rules and devices are passed on', () => {
  const own = {
    Runtime: 'nvidia',
    DeviceRequests: [
      { Driver: 'nvidia', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} },
      { Driver: 'cdi', Count: 0, DeviceIDs: ['nvidia.com/gpu=all'], Capabilities: null, Options: null },
    ],
    DeviceCgroupRules: ['c 13:* rwm'],
    Devices: [{ PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm', CgroupPermissions: 'rwm' }],
  }
  const plan = hostConfig(own)
  for (const [name, value] of Object.entries(own)) assert.deepEqual(member(plan, name), value, name)
})

test('20 AutoRemove and the restart policy are passed on', () => {
  assert.equal(member(hostConfig({ AutoRemove: true }), 'AutoRemove'), true)
  const RestartPolicy = { Name: 'on-failure', MaximumRetryCount: 3 }
  assert.deepEqual(member(hostConfig({ RestartPolicy }), 'RestartPolicy'), RestartPolicy)
})

test('22 everything that nobody needs to change is passed on, and so is what nobody knows yet', () => {
  const own = {
    Sysctls: { 'net.ipv4.ip_forward': '1' },
    Annotations: { own: 'x' },
    GroupAdd: ['1000'],
    StorageOpt: { size: '1G' },
    Isolation: '',
    SecurityOpt: ['no-new-privileges'],
    Tmpfs: { '/run': 'size=1m' },
    FutureThing: { Deep: [null, { a: 1 }] },
    FutureNull: null,
  }
  const plan = hostConfig(own)
  for (const [name, value] of Object.entries(own)) assert.deepEqual(member(plan, name), value, name)
})

test('22 every member of a recorded host config is in the plan as it was, but for what the API has no more', () => {
  for (const recording of ['docker-20.10', 'docker-28.5'] as const) {
    const { body, notes } = planOf({}, { recording })
    assert.deepEqual(body['HostConfig'], objectAt(rawContainer({}, recording), 'HostConfig'))
    assert.deepEqual(notes.dropped, [])
  }
})

test('29 bindings of ports are resent as they were asked for: a port that was left to the engine is left to it again', () => {
  const PortBindings = {
    '80/tcp': [{ HostIp: '', HostPort: '' }],
    '81/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }],
  }
  // A 29 would publish the two that have no binding.
  const asked = { ...PortBindings, '82/udp': [], '83/udp': null }
  const plan = planOf({
    HostConfig: { PortBindings: asked, PublishAllPorts: true },
    Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '49153' }] },
  })
  assert.deepEqual(member(plan, 'PortBindings'), PortBindings)
  assert.equal(member(plan, 'PublishAllPorts'), true)
})

test('22 annotations that podman makes itself are left for it to make anew', () => {
  const engines = {
    'io.container.manager': 'libpod',
    'io.podman.annotations.pids-limit': '2048',
    'org.opencontainers.image.stopSignal': '15',
    'org.systemd.property.KillSignal': '15',
    'org.systemd.property.TimeoutStopUSec': 'uint64 10000000',
  }
  assert.deepEqual(member(hostConfig({ Annotations: { ...engines, own: 'x' } }), 'Annotations'), { own: 'x' })
  assert.deepEqual(member(hostConfig({ Annotations: engines }, { recording: 'podman-5.8' }), 'Annotations'), {})
  assert.equal(member(hostConfig({ Annotations: null }), 'Annotations'), null)
})

test('19 a device that podman shows without permissions has all of them, as one that was asked for without has', () => {
  const device = { PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm' }
  for (const CgroupPermissions of ['', 'rwm']) {
    const plan = hostConfig({
      Devices: [
        { ...device, CgroupPermissions },
        { ...device, CgroupPermissions: 'r' },
      ],
    })
    assert.deepEqual(member(plan, 'Devices'), [
      { ...device, CgroupPermissions: 'rwm' },
      { ...device, CgroupPermissions: 'r' },
    ])
  }
})

test('17 a number of CPUs that is shown with the quota it means is sent alone: an engine refuses both', () => {
  const shown = { NanoCpus: 500000000, CpuPeriod: 100000, CpuQuota: 50000 }
  const plan = hostConfig(shown, { recording: 'podman-5.8' }).body['HostConfig'] as object
  assert.ok(!Object.hasOwn(plan, 'CpuPeriod') && !Object.hasOwn(plan, 'CpuQuota'))
  assert.equal(member(hostConfig(shown), 'NanoCpus'), 500000000)
  const quota = hostConfig({ NanoCpus: 0, CpuPeriod: 100000, CpuQuota: 50000 })
  assert.deepEqual([member(quota, 'CpuPeriod'), member(quota, 'CpuQuota')], [100000, 50000])
})

test('the size of a memory that is the machine’s, another container’s or not there is not asked for', () => {
  for (const IpcMode of ['host', 'none', `container:${OTHER}`])
    assert.equal(member(planOf({ HostConfig: { IpcMode, ShmSize: 64 << 20 } }), 'ShmSize'), undefined, IpcMode)
  for (const IpcMode of ['private', 'shareable', ''])
    assert.equal(member(planOf({ HostConfig: { IpcMode, ShmSize: 64 << 20 } }), 'ShmSize'), 64 << 20, IpcMode)
})
