import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonValue } from '../../../lib/base/json.ts'
import { overlapForbidden } from '../../../lib/refresh/overlap.ts'
import { macAddresses, type MacOptions } from '../../../lib/refresh/successor/mac-addresses.ts'
import { endpointsOf, planOf, seen, type Change } from '../../support/container.ts'

const [ASKED, OTHER, DRAWN] = ['02:42:0a:63:01:55', '02:42:0a:63:01:66', '02:42:0a:50:1c:03']
const NETWORK_ID = '6cd09476f1b61286f837b1cbe1c77851f94f2c80ded2f16f81bdcac98cbeb668'

const endpoint = (MacAddress: string, IPAddress = '10.80.28.3'): JsonValue => ({
  MacAddress,
  IPAddress,
  NetworkID: NETWORK_ID,
})
const on = (Networks: Change['Networks'], change: Change = {}): Change => ({
  ...change,
  HostConfig: { NetworkMode: 'n1', ...change.HostConfig },
  ...(Networks === undefined ? {} : { Networks }),
})
const macs = (change: Change, options: MacOptions) => {
  const { byNetwork, untold } = macAddresses(seen(change), options)
  return { ...Object.fromEntries(byNetwork), untold: untold.length }
}

test('the address of the main network is the one of the container, whatever is in use', () => {
  const change = on({ n1: endpoint('ca:fe:00:00:00:01') })
  assert.deepEqual(macs(change, { apiVersion: '1.56', containerWide: ASKED }), { n1: ASKED, untold: 0 })
})

test('a main network of which the engine tells no address has a drawn one', () => {
  const change = on({ n1: endpoint('ca:fe:00:00:00:01') })
  assert.deepEqual(macs(change, { apiVersion: '1.56', containerWide: '' }), { untold: 0 })
})

test('a main network that is named by its id keeps the address in use: no version tells whether it was asked for', () => {
  const change = on({ n1: endpoint(ASKED) }, { HostConfig: { NetworkMode: NETWORK_ID } })
  assert.deepEqual(macs(change, { apiVersion: '1.51', containerWide: '' }), { n1: ASKED, untold: 0 })
})

test('an engine that does not speak the older version any more leaves the main network like a further one', () => {
  const change = on({ n1: endpoint(ASKED) })
  assert.deepEqual(macs(change, { apiVersion: '1.99', containerWide: undefined }), { n1: ASKED, untold: 0 })
})

test('below API 1.48 the drawn address of a further network is told by its IPv4 address', () => {
  const change = on({ n1: endpoint(DRAWN), n2: endpoint(OTHER), n3: endpoint(DRAWN) })
  assert.deepEqual(macs(change, { apiVersion: '1.45', containerWide: '' }), { n2: OTHER, untold: 0 })
})

test('from API 1.48 on the address of a further network is drawn anew, and that is told', () => {
  const change = on({ n1: endpoint(DRAWN), n2: endpoint(OTHER) })
  assert.deepEqual(macs(change, { apiVersion: '1.51', containerWide: '' }), { untold: 1 })
})

test('what is told names the network, the address and the way to keep it', () => {
  const { untold } = macAddresses(seen(on({ n1: endpoint(DRAWN), n2: endpoint(OTHER) })), {
    apiVersion: '1.51',
    containerWide: '',
  })
  assert.match(untold[0] ?? '', /^Networks\.n2\.MacAddress: 02:42:0a:63:01:66 .*--keep-mac .*dockline\.keep-mac/)
})

test('--keep-mac carries the addresses in use, drawn ones too', () => {
  const change = on({ n1: endpoint(DRAWN), n2: endpoint(OTHER) })
  const options = { apiVersion: '1.51', containerWide: '', keep: true }
  assert.deepEqual(macs(change, options), { n1: DRAWN, n2: OTHER, untold: 0 })
})

for (const [value, kept] of [
  ['', true],
  ['true', true],
  ['false', false],
] as const)
  test(`the label dockline.keep-mac=${value} ${kept ? 'keeps' : 'does not keep'} the addresses of its container`, () => {
    const change = on({ n2: endpoint(OTHER) }, { Config: { Labels: { 'dockline.keep-mac': value } } })
    const { untold } = macs(change, { apiVersion: '1.51', containerWide: '' })
    assert.equal(untold === 0, kept)
  })

test('of a container that never ran every address that is shown was asked for', () => {
  const change = on({ n1: endpoint(''), n2: endpoint(OTHER) }, { State: { Status: 'created' } })
  assert.deepEqual(macs(change, { apiVersion: '1.51', containerWide: '' }), { n2: OTHER, untold: 0 })
})

test('of a stopped container the address of a further network is not shown, and that is told', () => {
  const change = on({ n1: endpoint(''), n2: endpoint('') }, { State: { Status: 'exited' } })
  assert.deepEqual(macs(change, { apiVersion: '1.51', containerWide: ASKED }), { n1: ASKED, untold: 1 })
})

test('below API 1.44 only the container has an address, and further networks are not spoken of', () => {
  const change = on({ n1: endpoint(ASKED), n2: endpoint(OTHER) })
  assert.deepEqual(macs(change, { apiVersion: '1.41', containerWide: ASKED }), { n1: ASKED, untold: 0 })
})

test('the successor asks for each address at its endpoint from API 1.44 on', () => {
  const Networks = { n1: endpoint(DRAWN), n2: endpoint(OTHER) }
  const plan = planOf(on(Networks, { Config: { MacAddress: ASKED } }), { apiVersion: '1.45' })
  const addresses = Object.entries(endpointsOf(plan)).map(([name, one]) => [
    name,
    (one as { MacAddress?: string }).MacAddress,
  ])
  assert.deepEqual(addresses, [
    ['n1', ASKED],
    ['n2', OTHER],
  ])
})

test('old and new do not overlap where they would have one MAC address on one network', () => {
  const change = on(
    { n1: endpoint(ASKED) },
    { Config: { MacAddress: ASKED }, Mounts: [], HostConfig: { PortBindings: {} } },
  )
  assert.equal(overlapForbidden(seen(change), 1, planOf(change)), 'it has a MAC address of its own in n1')
})

test('old and new may overlap where the MAC address is drawn', () => {
  const change = on({ n1: endpoint(DRAWN) }, { Mounts: [], HostConfig: { PortBindings: {} } })
  assert.equal(overlapForbidden(seen(change), 1, planOf(change)), undefined)
})
