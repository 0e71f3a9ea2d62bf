import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonObject } from '../../../lib/base/json.ts'
import { endpointsOf, member, planOf, type Change } from '../../support/container.ts'

const OPTION = 'com.docker.network.endpoint.sysctls'

const on = (Sysctls: JsonObject, networks: Record<string, JsonObject> = { n1: {} }): Change => ({
  HostConfig: { NetworkMode: 'n1', Sysctls },
  Networks: networks,
})
const optionOf = (plan: ReturnType<typeof planOf>, network: string): unknown =>
  ((endpointsOf(plan)[network] as JsonObject)['DriverOpts'] as JsonObject | undefined)?.[OPTION]

test('a sysctl of eth0 is an option of the endpoint in the main network from API 1.46 on', () => {
  const plan = planOf(on({ 'net.ipv4.conf.eth0.log_martians': '1', 'net.ipv4.ip_forward': '1' }))
  assert.deepEqual(member(plan, 'Sysctls'), { 'net.ipv4.ip_forward': '1' })
  assert.equal(optionOf(plan, 'n1'), 'net.ipv4.conf.IFNAME.log_martians=1')
})

test('that it was moved is told', () => {
  const { notes } = planOf(on({ 'net.ipv4.conf.eth0.log_martians': '1' }))
  assert.ok(notes.changed.some((note) => note.startsWith('HostConfig.Sysctls["net.ipv4.conf.eth0.log_martians"]')))
})

test('several of one interface stand in one option, behind what is there already', () => {
  const plan = planOf(
    on(
      { 'net.ipv4.conf.eth0.log_martians': '1', 'net.ipv6.neigh.eth0.delay_first_probe_time': '4' },
      { n1: { DriverOpts: { [OPTION]: 'net.ipv4.conf.IFNAME.log_martians=0', other: 'x' } } },
    ),
  )
  assert.equal(
    optionOf(plan, 'n1'),
    'net.ipv4.conf.IFNAME.log_martians=0,net.ipv6.neigh.IFNAME.delay_first_probe_time=4',
  )
})

test('eth1 is the other one of two networks', () => {
  const plan = planOf(on({ 'net.ipv4.conf.eth1.log_martians': '1' }, { a: {}, n1: {} }))
  assert.equal(optionOf(plan, 'a'), 'net.ipv4.conf.IFNAME.log_martians=1')
})

test('a sysctl of an interface that no network can be is told as lost', () => {
  const { notes } = planOf(on({ 'net.ipv4.conf.eth4.log_martians': '1' }))
  assert.ok(notes.dropped.some((note) => note.includes('eth4')))
})

test('below API 1.46 sysctls of interfaces are passed on as they are', () => {
  const Sysctls = { 'net.ipv4.conf.eth0.log_martians': '1' }
  assert.deepEqual(member(planOf(on(Sysctls), { apiVersion: '1.45' }), 'Sysctls'), Sysctls)
})
