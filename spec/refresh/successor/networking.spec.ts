import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonObject, JsonValue } from '../../../lib/base/json.ts'
import {
  SHORT_ID,
  endpointsOf,
  member,
  planOf,
  type Change,
  type Overlay,
  type PlanOptions,
  type Recording,
} from '../../support/container.ts'

const NETWORK_ID = '6cd09476f1b61286f837b1cbe1c77851f94f2c80ded2f16f81bdcac98cbeb668'

/** An endpoint of a running container, with all that the engine made of it. */
const endpoint = (own: Record<string, JsonValue> = {}): JsonValue => ({
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: '16:ef:13:81:86:7c',
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: NETWORK_ID,
  EndpointID: 'd1f07f4b13df0395490e6792aaf9694059688e9b9b19ff5280574a5816aabaaa',
  Gateway: '10.80.28.1',
  IPAddress: '10.80.28.3',
  IPPrefixLen: 24,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  DNSNames: ['ws-1', SHORT_ID],
  ...own,
})

const on = (
  NetworkMode: string,
  Networks: NonNullable<Change['Networks']>,
  options: PlanOptions & { Config?: Overlay } = {},
) =>
  planOf(
    { HostConfig: { NetworkMode }, Networks, ...(options.Config === undefined ? {} : { Config: options.Config }) },
    options,
  )

test('12 the default network keeps the word the container has for it, and its endpoint is the one of that network', () => {
  for (const mode of ['default', 'bridge']) {
    const plan = on(mode, { bridge: endpoint() })
    assert.equal(member(plan, 'NetworkMode'), mode)
    assert.deepEqual(Object.keys(endpointsOf(plan)), ['bridge'])
  }
})

test('12 a network that is named by its id is named by its name, in mode and endpoint alike', () => {
  for (const mode of [NETWORK_ID, NETWORK_ID.slice(0, 12)]) {
    const plan = on(mode, { backend: endpoint() })
    assert.equal(member(plan, 'NetworkMode'), 'backend')
    assert.deepEqual(Object.keys(endpointsOf(plan)), ['backend'])
  }
})

test('12 podman says "bridge" whatever the network is called: the network itself tells', () => {
  const recording = 'podman-5.8'
  assert.equal(member(on('bridge', { backend: endpoint() }, { recording }), 'NetworkMode'), 'backend')
  assert.equal(member(on('bridge', { podman: endpoint() }, { recording }), 'NetworkMode'), 'bridge')
})

test('11 a container without a network of its own gets no endpoint', () => {
  for (const mode of ['host', 'none', `container:${NETWORK_ID}`]) {
    const plan = on(mode, { [mode]: endpoint() })
    assert.deepEqual([member(plan, 'NetworkMode'), endpointsOf(plan), plan.later], [mode, {}, []])
  }
})

const THREE = { zeta: endpoint(), backend: endpoint({ Aliases: ['b'] }), alpha: endpoint({ Aliases: ['a'] }) }

test('23 from API 1.44 on all networks go into the create, the own one first', () => {
  const plan = on('backend', THREE, { apiVersion: '1.44' })
  assert.deepEqual(Object.keys(endpointsOf(plan)), ['backend', 'zeta', 'alpha'])
  assert.deepEqual(plan.later, [])
})

test('23 below API 1.44 a create takes the own network only, and the others are connected before the start', () => {
  const plan = on('backend', THREE, { apiVersion: '1.43' })
  assert.deepEqual(Object.keys(endpointsOf(plan)), ['backend'])
  assert.deepEqual(plan.later, [
    { network: 'zeta', endpoint: { GwPriority: 0 } },
    { network: 'alpha', endpoint: { Aliases: ['a'], GwPriority: 0 } },
  ])
})

test('24 of an endpoint only what was asked for is carried, nothing that the engine made of it', () => {
  const asked = {
    IPAMConfig: { IPv4Address: '10.1.0.9', IPv6Address: 'fd00::9', LinkLocalIPs: ['169.254.1.1'] },
    Links: ['db:database'],
    DriverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1' },
    GwPriority: 7,
    Aliases: ['web'],
  }
  assert.deepEqual(endpointsOf(on('backend', { backend: endpoint(asked) })), { backend: asked })
  assert.deepEqual(endpointsOf(on('backend', { backend: endpoint() })), { backend: { GwPriority: 0 } })
})

test('24 an empty address configuration is none', () => {
  assert.deepEqual(endpointsOf(on('backend', { backend: endpoint({ IPAMConfig: {}, GwPriority: null }) })), {
    backend: {},
  })
})

test("25 below API 1.45 the short id among the aliases is the engine's, and so is a hostname made from it", () => {
  const plan = on('backend', { backend: endpoint({ Aliases: ['web', SHORT_ID] }) }, { recording: 'docker-20.10' })
  assert.deepEqual(endpointsOf(plan)['backend'], { Aliases: ['web'], GwPriority: 0 })
  assert.ok(plan.notes.changed.includes('Aliases: the short id is generated anew'))
})

test("25 another alias of twelve hex digits is the user's", () => {
  const plan = on('backend', { backend: endpoint({ Aliases: ['deadbeef0000', SHORT_ID] }) })
  assert.deepEqual(endpointsOf(plan)['backend'], { Aliases: ['deadbeef0000'], GwPriority: 0 })
})

test('25 a hostname of the user among the aliases stays, and an alias that is there twice comes once', () => {
  const plan = on('backend', { backend: endpoint({ Aliases: ['web', 'a', 'web'] }) }, { Config: { Hostname: 'web' } })
  assert.deepEqual(endpointsOf(plan)['backend'], { Aliases: ['web', 'a'], GwPriority: 0 })
})

test('25 on the default bridge aliases are refused, so none are sent', () => {
  for (const recording of ['docker-20.10', 'podman-5.8'] as const satisfies Recording[]) {
    const network = recording === 'podman-5.8' ? 'podman' : 'bridge'
    const plan = on('bridge', { [network]: endpoint({ Aliases: ['web', SHORT_ID] }) }, { recording })
    assert.deepEqual(endpointsOf(plan)[network], { GwPriority: 0 })
  }
})

test('9 a configured MAC address is sent with the container below API 1.44, with its endpoint from there on', () => {
  const MacAddress = '02:42:ac:11:00:99'
  const networks = { backend: endpoint({ MacAddress }), other: endpoint({ MacAddress: '02:42:0a:50:1c:03' }) }
  const before = on('backend', networks, { apiVersion: '1.43', Config: { MacAddress } })
  assert.equal(member(before, 'MacAddress'), MacAddress)
  assert.deepEqual(endpointsOf(before)['backend'], { GwPriority: 0 })
  for (const apiVersion of ['1.44', '1.51', '1.52']) {
    const plan = on('backend', networks, { apiVersion, Config: { MacAddress } })
    assert.ok(!Object.hasOwn(plan.body, 'MacAddress'))
    assert.deepEqual(endpointsOf(plan)['backend'], { GwPriority: 0, MacAddress })
    assert.deepEqual(endpointsOf(plan)['other'], { GwPriority: 0 })
  }
})

test('26 a MAC address that the engine made up is made up anew', () => {
  for (const Config of [{}, { MacAddress: '' }, { MacAddress: null }]) {
    for (const apiVersion of ['1.41', '1.51']) {
      const plan = on('backend', { backend: endpoint() }, { apiVersion, Config })
      assert.ok(!Object.hasOwn(plan.body, 'MacAddress'))
      assert.deepEqual(endpointsOf(plan)['backend'], { GwPriority: 0 })
    }
  }
})

test('27 a static address is kept on each network that has one', () => {
  const networks = {
    backend: endpoint({ IPAMConfig: { IPv4Address: '10.1.0.9' } }),
    other: endpoint({ IPAMConfig: { IPv4Address: '10.2.0.9' } }),
  }
  const plan = on('backend', networks, { apiVersion: '1.43' })
  assert.deepEqual(endpointsOf(plan)['backend'], { IPAMConfig: { IPv4Address: '10.1.0.9' }, GwPriority: 0 })
  assert.deepEqual(plan.later[0]?.endpoint, { IPAMConfig: { IPv4Address: '10.2.0.9' }, GwPriority: 0 })
})

test('28 a network is asked for by its name, so that one made anew under the same name is found', () => {
  const plan = on('backend', { backend: endpoint({ NetworkID: 'gone' }) })
  assert.equal(member(plan, 'NetworkMode'), 'backend')
  assert.deepEqual(endpointsOf(plan), { backend: { GwPriority: 0 } })
})

test("25 a hostname behind the short id is the engine's; before it, it is the user's", () => {
  const Config = { Hostname: 'web' }
  const aliases = (Aliases: JsonValue[]): JsonValue | undefined =>
    (endpointsOf(on('backend', { backend: endpoint({ Aliases }) }, { Config }))['backend'] as JsonObject)['Aliases']
  assert.deepEqual(aliases(['api', SHORT_ID, 'web']), ['api'])
  assert.deepEqual(aliases(['web', SHORT_ID]), ['web'])
  assert.deepEqual(aliases(['web', SHORT_ID, 'web']), ['web'])
  assert.deepEqual(aliases(['web']), ['web'])
  assert.equal(aliases([SHORT_ID, 'web']), undefined)
})

test('25 a list of no aliases stays one', () => {
  assert.deepEqual(endpointsOf(on('backend', { backend: endpoint({ Aliases: [], GwPriority: null }) })), {
    backend: { Aliases: [] },
  })
})

test('a network that the container has left is left again before the start', () => {
  const { body, leave } = planOf({ HostConfig: { NetworkMode: 'backend' }, Networks: {} })
  assert.deepEqual([member({ body } as never, 'NetworkMode'), leave], ['backend', ['backend']])
})

test('a container that has left the default bridge for another network keeps its mode and leaves it again', () => {
  const plan = planOf({ HostConfig: { NetworkMode: 'bridge' }, Networks: { other: {} } })
  assert.deepEqual(
    [member(plan, 'NetworkMode'), plan.leave, Object.keys(endpointsOf(plan))],
    ['bridge', ['bridge'], ['other']],
  )
})

test('a container in its own network leaves none', () => {
  assert.deepEqual(planOf({ HostConfig: { NetworkMode: 'n1' }, Networks: { n1: {} } }).leave, [])
})

test('that a container has left its network is a warning', () => {
  const { warnings } = planOf({ HostConfig: { NetworkMode: 'n1' }, Networks: {} })
  assert.match(warnings.join(), /has left its network n1/)
})
