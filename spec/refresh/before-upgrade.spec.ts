import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonObject } from '../../lib/base/json.ts'
import { registryFindings, upgradeFindings } from '../../lib/refresh/before-upgrade.ts'

const host = (HostConfig: JsonObject): JsonObject => ({ HostConfig })
const CASES: readonly (readonly [about: string, raw: JsonObject, effect: string, says: RegExp])[] = [
  [
    'a host address that is a name',
    host({ PortBindings: { '80/tcp': [{ HostIp: 'localhost' }] } }),
    'lost',
    /"localhost", which is no address/,
  ],
  ['a DNS server that is no address', host({ Dns: ['nope'] }), 'lost', /DNS server is "nope"/],
  [
    'a range among the exposed ports',
    { Config: { ExposedPorts: { '80-82/tcp': {} } } },
    'lost',
    /"80-82\/tcp" is no single port/,
  ],
  ['a port beyond the last', { Config: { ExposedPorts: { '99999/tcp': {} } } }, 'lost', /99999/],
  ['an empty list of bindings', host({ PortBindings: { '80/tcp': [] } }), 'changed', /port 80\/tcp are empty/],
  ['null for a list of bindings', host({ PortBindings: { '80/tcp': null } }), 'changed', /port 80\/tcp are empty/],
  ['a sysctl of one interface', host({ Sysctls: { 'net.ipv4.conf.eth0.log_martians': '1' } }), 'changed', /IFNAME/],
  [
    'a link on the default bridge',
    host({ NetworkMode: 'bridge', Links: ['/db:/web/db'] }),
    'deprecated',
    /default bridge/,
  ],
]

for (const [about, raw, effect, says] of CASES) {
  test(`named before an upgrade: ${about}`, () => {
    const [found, ...others] = upgradeFindings({ name: 'web', raw })
    assert.equal(others.length, 0)
    assert.equal(found?.name, 'web')
    assert.equal(found.effect, effect)
    assert.match(found.what, says)
  })
}

test('nothing is named of a container that a 29 would load as it is', () => {
  const raw = {
    Config: { ExposedPorts: { '80/tcp': {} } },
    HostConfig: {
      NetworkMode: 'front',
      Dns: ['1.1.1.1', '2606:4700::1111', ''],
      PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }], '53/udp': [{ HostIp: '::1', HostPort: '' }] },
      Sysctls: { 'net.ipv4.ip_forward': '1' },
      Links: ['/db:/web/db'],
    },
  }
  assert.deepEqual(upgradeFindings({ name: 'web', raw }), [])
})

const info = (hosts: readonly string[]): JsonObject => ({
  RegistryConfig: {
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    IndexConfigs: {
      'docker.io': { Secure: true },
      ...Object.fromEntries(hosts.map((name) => [name, { Secure: false }])),
    },
  },
})
const IMAGES = ['127.0.0.1:5000/acme/app:1', 'ghcr.io/acme/app:1', 'localhost:5000/x']

test('loopback registries are named where the engine names insecure ones', () => {
  const found = registryFindings(info(['registry.lan:5000']), IMAGES)
  assert.deepEqual(
    found.map(({ name }) => name),
    ['127.0.0.1:5000', 'localhost:5000'],
  )
})

test('a loopback registry that is itself among the insecure ones is not named', () => {
  assert.deepEqual(registryFindings(info(['127.0.0.1:5000', 'localhost:5000']), IMAGES), [])
})

test('an engine that names no insecure registry goes on trusting loopback ones', () => {
  assert.deepEqual(registryFindings(info([]), IMAGES), [])
})
