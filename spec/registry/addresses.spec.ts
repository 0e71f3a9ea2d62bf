import assert from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { test } from 'node:test'

import { AddressRefused, isPublicAddress, literalAddress, publicOnly } from '../../lib/registry/addresses.ts'
import { row } from '../support/matrix.ts'

const see = (address: string): string => (isPublicAddress(address) ? 'public' : 'refused')

for (const address of ['127.0.0.1', '0.0.0.0', '10.0.0.1', '100.64.0.1', '169.254.169.254', '172.31.255.255'])
  row('B14', `address ${address}`, 'refused', () => see(address))
for (const address of ['192.168.1.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::7f00:1'])
  row('B14', `address ${address}`, 'refused', () => see(address))
for (const address of [
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fe80::1%eth0',
  'fc00::1',
  'ff02::1',
  '',
  'x',
])
  row('B14', `address ${JSON.stringify(address)}`, 'refused', () => see(address))
for (const address of [
  '140.82.112.33',
  '172.32.0.1',
  '100.128.0.1',
  '2606:50c0:8000::153',
  '::ffff:140.82.112.33',
  '64:ff9b::8c52:7021',
])
  row('B14', `address ${address}`, 'public', () => see(address))

const hostOf = (url: string): string | undefined => literalAddress(new URL(url).hostname)
const always =
  (addresses: string[]): LookupFunction =>
  (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
const ask = (addresses: string[], all: boolean): Promise<unknown> =>
  new Promise((resolve) => {
    publicOnly(always(addresses))('a.example', { all }, (error, found) => resolve(error ?? found))
  })

test('one private address among public ones refuses the name', async () => {
  assert.ok((await ask(['140.82.112.33', '10.0.0.1'], true)) instanceof AddressRefused)
})

test('public addresses are passed on in the form that was asked for', async () => {
  assert.deepEqual(await ask(['140.82.112.33'], true), [{ address: '140.82.112.33', family: 4 }])
  assert.equal(await ask(['140.82.112.33'], false), '140.82.112.33')
})

test('an address in a URL is known as one, whatever way it is written', () => {
  assert.equal(hostOf('https://2130706433/'), '127.0.0.1')
  assert.equal(hostOf('https://[::1]:5000/'), '::1')
  assert.equal(hostOf('https://a.example/'), undefined)
})
