// A matrix of what `docker create` takes: each is made on the old image, replaced by the new one, and compared, by what
// its processes see and by inspects at every version of the API that the engine speaks.
import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { after, before, test } from 'node:test'

import pMap from 'p-map'

import { messageOf } from '../../../lib/base/errors.ts'
import type { JsonObject } from '../../../lib/base/json.ts'
import { connect, type Docker } from '../../../lib/engine/connect.ts'
import { compareVersions } from '../../../lib/wire/version.ts'
import { sharedNamespaces, type SharedNamespaces } from '../../support/effects.ts'
import { replaced, type Result } from '../../support/fidelity.ts'
import { liveEngine, removeContainers } from '../support/engine.ts'
import { profileOf } from '../support/profile.ts'
import { pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { IMAGES, cases, type Case, type Place } from './fidelity-cases.ts'

const PREFIX = 'fidelity-'
const AT_ONCE = 6

let docker: Docker
let registry: LiveRegistry
let place: Place
let shared: SharedNamespaces
let versions: readonly Docker[] = []
const ids = new Map<string, string>()

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  await cleanUp()
  for (const [name, versions] of Object.entries(IMAGES)) {
    for (const [when, settings] of Object.entries(versions)) {
      await pushImage(registry, `acme/${name}`, when, settings)
      const auth = { username: registry.user, password: registry.password }
      ids.set(`${name} ${when}`, (await docker.images.pull(`${registry.host}/acme/${name}:${when}`, { auth })).id)
    }
  }
  place = await makePlace()
  shared = await sharedNamespaces(docker, { machine: await makeWitness(), donor: place.donor })
  versions = await olderVersions()
})

// The versions in which the API showed something else than in the one before.
const TURNS = ['1.24', '1.41', '1.43', '1.44', '1.45', '1.47', '1.48', '1.51', '1.52']

async function olderVersions(): Promise<Docker[]> {
  const { MinAPIVersion, ApiVersion } = await docker.version()
  const spoken = TURNS.filter(
    (one) => compareVersions(one, MinAPIVersion ?? '1.24') >= 0 && compareVersions(one, ApiVersion) < 0,
  )
  return Promise.all(spoken.map((apiVersion) => connect({ apiVersion })))
}

// Sees the namespaces of the machine.
async function makeWitness(): Promise<string> {
  const name = `${PREFIX}witness`
  const modes = { PidMode: 'host', NetworkMode: 'host', IpcMode: 'host', UTSMode: 'host', CgroupnsMode: 'host' }
  await docker.containers.create({ Image: ids.get('plain before') as string, HostConfig: modes }, { name })
  await docker.containers.start(name)
  return name
}

after(async () => {
  await cleanUp()
  await registry[Symbol.asyncDispose]()
  await Promise.all([docker, ...versions].map((one) => one.close()))
})

async function makePlace(): Promise<Place> {
  const [network, second, third] = ['a', 'b', 'c'].map((name) => `${PREFIX}net-${name}`) as [string, string, string]
  const [donor, volume] = [`${PREFIX}donor`, `${PREFIX}volume`]
  const prefix = await makeNetwork(network)
  await makeNetwork(second)
  await makeNetwork(third)
  await docker.volumes.create({ Name: volume })
  const { Id } = await docker.containers.create(
    {
      Image: ids.get('plain before') as string,
      Volumes: { '/lent': {} },
      HostConfig: { Binds: [`${volume}:/lent-too`], IpcMode: 'shareable' },
    },
    { name: donor },
  )
  await docker.containers.start(donor)
  const { podman } = await profileOf(docker)
  const networkId = (await docker.networks.inspect(network)).Id
  const image = `${registry.host}/acme/plain:before`
  return {
    network,
    second,
    third,
    networkId,
    prefix,
    donor,
    donorId: Id,
    volume,
    image,
    ports: await freePorts(8),
    podman,
  }
}

// Other engines of the machine may have the subnet.
async function makeNetwork(Name: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const prefix = `10.${150 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 256)}`
    try {
      await docker.networks.create({ Name, IPAM: { Config: [{ Subnet: `${prefix}.0/24` }] } })
      return prefix
    } catch (error) {
      if (tries === 5) throw error
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

async function cleanUp(): Promise<void> {
  await removeContainers(docker, PREFIX)
  for (const name of ['a', 'b', 'c']) await docker.networks.remove(`${PREFIX}net-${name}`).catch(() => {})
  await docker.volumes.remove(`${PREFIX}volume`).catch(() => {})
}

async function run(
  { flags: _flags, body, image = 'plain', inherits = [], told, ...how }: Case,
  i: number,
): Promise<Result> {
  const result = await replaced(
    {
      docker,
      repository: `${registry.host}/acme/fidelity`,
      before: ids.get(`${image} before`) as string,
      after: ids.get(`${image} after`) as string,
      judge: { versions, effects: { shared } },
    },
    { ...how, name: `${PREFIX}${i}`, body: body as JsonObject },
  ).catch((error: unknown): Result => ({ outcome: 'failed', started: false, details: [messageOf(error, 300)] }))
  const isTold = told !== undefined && (result.told ?? []).some((note) => note.includes(told.note))
  const explained = [...inherits, ...(isTold ? told.of : [])]
  if (result.outcome !== 'unfaithful' || explained.length === 0) return result
  const left = result.details.filter((detail) => !explained.some((path) => detail.startsWith(path)))
  return left.length > 0
    ? { ...result, details: left }
    : {
        ...result,
        outcome: 'faithful',
        details: [inherits.length > 0 ? `${inherits.join(', ')} as the image has it` : `told: ${told?.note}`],
      }
}

test('whatever a container was made with, its successor has it', async (t) => {
  const only = new RegExp(process.env['FIDELITY_ONLY'] ?? '') // of the flags
  const [part = 1, parts = 1] = (process.env['FIDELITY_PART'] ?? '1/1').split('/').map(Number)
  const matrix = cases(place).filter(({ flags }, i) => only.test(flags) && i % parts === part - 1)
  const counts = new Map<string, number>()
  const tell = async (one: Case, i: number): Promise<void> => {
    const { outcome, started, details } = await run(one, i)
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    t.diagnostic(`${i + 1} | ${one.flags} | ${outcome}${started ? '' : ', not started'} | ${details.join('; ')}`)
  }
  await pMap(matrix, tell, { concurrency: AT_ONCE })
  t.diagnostic(`${matrix.length} cases: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`)
  assert.equal(counts.get('unfaithful') ?? 0, 0)
  assert.equal(counts.get('failed') ?? 0, 0)
})
