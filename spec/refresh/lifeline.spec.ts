import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonObject, JsonValue } from '../../lib/base/json.ts'
import type { Docker } from '../../lib/engine/connect.ts'
import type { Seen } from '../../lib/refresh/container.ts'
import { findLifeline, lifelineOf, type Access, type Lifeline } from '../../lib/refresh/lifeline.ts'
import type { Place } from '../../lib/refresh/self.ts'
import { seen } from '../support/container.ts'

interface Sketch {
  readonly mode?: string
  /** Network → address, or address and aliases. */
  readonly networks?: Readonly<Record<string, string | readonly [address: string, ...aliases: string[]]>>
  /** Container port → `ip:port`. */
  readonly ports?: Readonly<Record<string, string>>
  /** `source:destination[:ro]`; without a leading slash a volume. */
  readonly mounts?: readonly string[]
  readonly exposes?: string
  readonly status?: string
  readonly upper?: string
}

const idOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(64, '0')

function sketch(name: string, about: Sketch = {}): Seen {
  const networks = Object.entries(about.networks ?? {}).map(([network, given]): [string, JsonValue] => {
    const [IPAddress, ...Aliases] = typeof given === 'string' ? ([given] as const) : given
    return [network, { IPAddress, Aliases, GlobalIPv6Address: '' }]
  })
  const ports = Object.entries(about.ports ?? {}).map(([port, bound]): [string, JsonValue] => {
    const at = bound.lastIndexOf(':')
    return [port, [{ HostIp: bound.slice(0, at), HostPort: bound.slice(at + 1) }]]
  })
  const Mounts = (about.mounts ?? []).map((text): JsonObject => {
    const [source = '', Destination = '', mode] = text.split(':')
    const volume = !source.startsWith('/')
    const Source = volume ? `/var/lib/docker/volumes/${source}/_data` : source
    const named = volume ? { Name: source } : {}
    return { Type: volume ? 'volume' : 'bind', ...named, Source, Destination, Mode: '', RW: mode !== 'ro' }
  })
  return seen({
    top: {
      Id: idOf(name),
      Name: `/${name}`,
      GraphDriver: { Name: 'overlay2', Data: about.upper === undefined ? null : { UpperDir: about.upper } },
    },
    State: { Status: about.status ?? 'running' },
    Config: about.exposes === undefined ? {} : { ExposedPorts: { [about.exposes]: {} } },
    HostConfig: { NetworkMode: about.mode ?? 'bridge' },
    Networks: Object.fromEntries(networks),
    Ports: Object.fromEntries(ports),
    Mounts,
  })
}

const tcp = (host: string, port = 2375): Docker['endpoint'] => ({ kind: 'tcp', host, port, source: 'a spec' })
const unix = (socketPath: string): Docker['endpoint'] => ({ kind: 'unix', socketPath, source: 'a spec' })

interface Case {
  readonly title: string
  readonly containers: Readonly<Record<string, Sketch>>
  readonly self?: string
  readonly place?: Omit<Place, 'id'>
  readonly endpoint: Docker['endpoint']
  readonly addresses?: readonly string[]
  /** Names, in order. */
  readonly proxies?: readonly string[]
  readonly held?: readonly string[]
}

function lifeline({ containers, self, place, endpoint, addresses = [] }: Case): Lifeline {
  const all = Object.entries(containers).map(([name, about]) => sketch(name, about))
  const selfId = self === undefined ? undefined : idOf(self)
  const own = selfId === undefined ? undefined : { id: selfId, sure: true, ...place }
  const access: Access = { endpoint, lookup: () => assert.fail('it is pure'), place: own }
  return lifelineOf(all, { selfId, access, addresses })
}

const DOCK = { networks: { app: '172.18.0.2' } }
const PROXY = { networks: { app: ['172.18.0.3', 'socket'] } } as const
const SOCKET = '/var/run/docker.sock:/var/run/docker.sock'

const CASES: readonly Case[] = [
  {
    title: 'the socket of the engine has nothing in between, also where others have it too',
    containers: { dock: { mounts: [SOCKET] }, other: { mounts: [SOCKET, '/var/run:/host/run'] } },
    self: 'dock',
    endpoint: unix('/var/run/docker.sock'),
  },
  {
    title: 'an address of a container is that container',
    containers: { dock: DOCK, proxy: PROXY, other: { networks: { app: '172.18.0.33' } } },
    self: 'dock',
    endpoint: tcp('proxy'),
    addresses: ['172.18.0.3'],
    proxies: ['proxy'],
  },
  {
    title: 'an address counts more than a port that another one publishes',
    containers: { dock: DOCK, proxy: PROXY, other: { ports: { '1/tcp': '0.0.0.0:2375' } } },
    self: 'dock',
    endpoint: tcp('proxy'),
    addresses: ['172.18.0.3'],
    proxies: ['proxy'],
  },
  {
    title: 'a name that has no address here is known by name or alias in a network of both',
    containers: { dock: DOCK, proxy: PROXY, socket: { networks: { elsewhere: '172.19.0.2' } } },
    self: 'dock',
    endpoint: tcp('SOCKET'),
    proxies: ['proxy'],
  },
  {
    title: 'the container name is a name too',
    containers: { dock: DOCK, proxy: PROXY },
    self: 'dock',
    endpoint: tcp('proxy'),
    proxies: ['proxy'],
  },
  {
    title: 'from outside of containers names of containers mean nothing',
    containers: { proxy: PROXY },
    endpoint: tcp('proxy'),
  },
  {
    title: 'on the loopback of the host it is who publishes the port there',
    containers: {
      proxy: { ports: { '2375/tcp': '127.0.0.1:2375' } },
      other: { ports: { '2375/tcp': '127.0.0.1:2376' } },
      udp: { ports: { '2375/udp': '127.0.0.1:2375' } },
    },
    endpoint: tcp('localhost'),
    addresses: ['127.0.0.1', '::1'],
    proxies: ['proxy'],
  },
  {
    title: 'a port that is published on all addresses is so on that of the host',
    containers: { proxy: { ports: { '2375/tcp': '0.0.0.0:2375' } }, six: { ports: { '2375/tcp': ':::2375' } } },
    endpoint: tcp('10.0.0.5'),
    addresses: ['10.0.0.5'],
    proxies: ['proxy', 'six'],
  },
  {
    title: 'a port that is published on another address is another one',
    containers: { proxy: { ports: { '2375/tcp': '127.0.0.1:2375' } } },
    endpoint: tcp('10.0.0.5'),
    addresses: ['10.0.0.5'],
  },
  {
    title: 'through the gateway of its network a container reaches what is published',
    containers: { dock: DOCK, proxy: { networks: { bridge: '172.17.0.2' }, ports: { '2375/tcp': '0.0.0.0:2375' } } },
    self: 'dock',
    endpoint: tcp('host.docker.internal'),
    addresses: ['172.17.0.1'],
    proxies: ['proxy'],
  },
  {
    title: 'in a container with the network of the host the loopback is that of the host',
    containers: { dock: { mode: 'host' }, proxy: { ports: { '2375/tcp': '127.0.0.1:2375' } } },
    self: 'dock',
    endpoint: tcp('127.0.0.1'),
    addresses: ['127.0.0.1'],
    proxies: ['proxy'],
  },
  {
    title: 'in a container the loopback is its own: what others publish there is not meant',
    containers: { dock: DOCK, other: { ports: { '2375/tcp': '127.0.0.1:2375' } } },
    self: 'dock',
    endpoint: tcp('127.0.0.1'),
    addresses: ['127.0.0.1'],
  },
  {
    title: 'on its own loopback it is who shares its network',
    containers: { dock: DOCK, sidecar: { mode: `container:${idOf('dock')}` }, other: DOCK },
    self: 'dock',
    endpoint: tcp('127.0.0.1'),
    addresses: ['127.0.0.1'],
    proxies: ['sidecar'],
  },
  {
    title: 'with the network of another one that is whoever has it, and the owner is held anyway',
    containers: { pod: DOCK, dock: { mode: 'container:pod' }, sidecar: { mode: 'container:pod' } },
    self: 'dock',
    endpoint: tcp('127.0.0.1'),
    addresses: ['127.0.0.1'],
    proxies: ['pod', 'sidecar'],
  },
  {
    title: 'the owner of its network is held',
    containers: { pod: DOCK, dock: { mode: 'container:pod', mounts: [SOCKET] }, other: { mode: 'container:pod' } },
    self: 'dock',
    endpoint: unix('/var/run/docker.sock'),
    held: ['pod'],
  },
  {
    title: 'whoever shares the network of a proxy is held: it may be the proxy itself',
    containers: { dock: DOCK, pod: PROXY, haproxy: { mode: `container:${idOf('pod')}` } },
    self: 'dock',
    endpoint: tcp('pod'),
    addresses: ['172.18.0.3'],
    proxies: ['pod'],
    held: ['haproxy', 'pod'],
  },
  {
    title: 'one on the network of the host that exposes the port is taken for it where there is no other',
    containers: { dock: DOCK, proxy: { mode: 'host', exposes: '2375/tcp' }, other: { mode: 'host' } },
    self: 'dock',
    endpoint: tcp('172.17.0.1'),
    addresses: ['172.17.0.1'],
    proxies: ['proxy'],
  },
  {
    title: 'one that does not run answers for nothing',
    containers: { dock: DOCK, proxy: { ...PROXY, status: 'exited' } },
    self: 'dock',
    endpoint: tcp('proxy'),
    addresses: ['172.18.0.3'],
  },
  {
    title: 'a socket in a volume is made by one that has the volume and the socket of the engine',
    containers: {
      dock: { mounts: ['sockets:/run/proxy:ro'] },
      proxy: { mounts: ['sockets:/out', SOCKET] },
      user: { mounts: ['sockets:/run/proxy'] },
    },
    self: 'dock',
    endpoint: unix('/run/proxy/docker.sock'),
    proxies: ['proxy'],
  },
  {
    title: 'where no such one is seen it is all that may write to the volume',
    containers: {
      dock: { mounts: ['sockets:/run/proxy'] },
      proxy: { mounts: ['sockets:/out'] },
      reader: { mounts: ['sockets:/in:ro'] },
    },
    self: 'dock',
    endpoint: unix('/run/proxy/docker.sock'),
    proxies: ['proxy'],
  },
  {
    title: 'a socket in a folder of the host is made by one that has the folder and the socket of the engine',
    containers: {
      dock: { mounts: ['/srv/proxy/docker.sock:/var/run/docker.sock'] },
      proxy: { mounts: ['/srv/proxy:/out', SOCKET] },
      files: { mounts: ['/srv:/srv'] },
      near: { mounts: ['/srv/prox:/x', SOCKET] },
    },
    self: 'dock',
    endpoint: unix('/var/run/docker.sock'),
    proxies: ['proxy'],
  },
  {
    title: 'seen from the host too',
    containers: { proxy: { mounts: ['/srv/proxy:/out', SOCKET] }, other: { mounts: [SOCKET] } },
    endpoint: unix('/srv/proxy/docker.sock'),
    proxies: ['proxy'],
  },
  {
    title: 'a socket that is mounted nowhere is of this container',
    containers: { dock: DOCK, other: { mounts: ['/:/host', SOCKET] } },
    self: 'dock',
    endpoint: unix('/tmp/tunnel.sock'),
  },
  {
    title: 'an engine behind ssh',
    containers: { proxy: { ports: { '22/tcp': '0.0.0.0:22' } } },
    endpoint: { kind: 'ssh', host: '10.0.0.5', source: 'a spec' },
  },
]

for (const given of CASES) {
  test(`lifeline: ${given.title}`, () => {
    const { self, proxies, held } = lifeline(given)
    assert.equal(self?.name, given.self)
    assert.deepEqual(
      proxies.map(({ name }) => name),
      given.proxies ?? [],
    )
    const names = Object.keys(given.containers).filter((name) => held.has(idOf(name)))
    assert.deepEqual(names.toSorted(), (given.held ?? given.proxies ?? []).toSorted())
  })
}

test('the reason for a proxy has the command that refreshes it', () => {
  const { held } = lifeline(CASES[1] as Case)
  assert.match(
    held.get(idOf('proxy')) ?? '',
    /"dockline refresh --name proxy --host unix:\/\/\/var\/run\/docker\.sock"/,
  )
})

const POD = {
  containers: {
    pod: { ...DOCK, upper: '/o/pod' },
    dock: { mode: 'container:pod', upper: '/o/dock' },
    other: { mode: 'container:pod', upper: '/o/other' },
  },
  endpoint: unix('/var/run/docker.sock'),
}

test('of those that share a network it is the one that wrote the layer of this process', () => {
  const place = { sure: false, layer: '/o/dock' }
  assert.equal(lifeline({ ...POD, title: '', self: 'pod', place }).self?.name, 'dock')
  assert.equal(lifeline({ ...POD, title: '', self: 'pod', place: { ...place, layer: '/o/pod' } }).self?.name, 'pod')
})

test('where they cannot be told apart none of them may be touched', () => {
  const { self, held } = lifeline({ ...POD, title: '', self: 'pod', place: { sure: false } })
  assert.deepEqual([self, held.size], [undefined, 3])
})

test('one that shares its network with nobody needs no further proof', () => {
  const { self, held } = lifeline({ ...CASES[0], self: 'dock', place: { sure: false } } as Case)
  assert.deepEqual([self?.name, held.size], ['dock', 0])
})

test('a name is looked up, an address is not', async () => {
  const asked: string[] = []
  const lookup = async (host: string) => {
    asked.push(host)
    return ['172.18.0.3']
  }
  const all = [sketch('proxy', PROXY), sketch('six', { networks: { app: 'fd00::3' } })]
  const found = async (endpoint: Docker['endpoint']) =>
    (await findLifeline(all, { access: { endpoint, lookup } })).proxies.map(({ name }) => name)
  assert.deepEqual(await found(tcp('some.where')), ['proxy'])
  assert.deepEqual(await found(tcp('172.18.0.3')), ['proxy'])
  assert.deepEqual(await found(tcp('[fd00::3]')), ['six'])
  assert.deepEqual(asked, ['some.where'])
})

test('without a word on how the engine is reached only the own container is known', async () => {
  const all = [sketch('dock'), sketch('proxy', PROXY)]
  const { self, proxies, held } = await findLifeline(all, { selfId: idOf('dock') })
  assert.deepEqual([self?.name, proxies, held.size], ['dock', [], 0])
})
