// A matrix of what `docker create` takes: each is made on the old image, replaced by the new one, and compared.
import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { after, before, test } from 'node:test'

import pMap from 'p-map'

import type { JsonObject } from '../../../lib/base/json.ts'
import type { Docker } from '../../../lib/engine/connect.ts'
import { replaced, type Result } from '../../support/fidelity.ts'
import { liveEngine, removeContainers } from '../support/engine.ts'
import { pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { IMAGES, cases, type Case, type Place } from './fidelity-cases.ts'

const PREFIX = 'fidelity-'
const AT_ONCE = 6

let docker: Docker
let registry: LiveRegistry
let place: Place
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
})

after(async () => {
  await cleanUp()
  await registry[Symbol.asyncDispose]()
  await docker.close()
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
  const networkId = (await docker.networks.inspect(network)).Id
  return { network, second, third, networkId, prefix, donor, donorId: Id, volume, ports: await freePorts(8) }
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

async function run({ flags: _flags, body, image = 'plain', inherits = [], ...how }: Case, i: number): Promise<Result> {
  const result = await replaced(
    {
      docker,
      repository: `${registry.host}/acme/fidelity`,
      before: ids.get(`${image} before`) as string,
      after: ids.get(`${image} after`) as string,
    },
    { ...how, name: `${PREFIX}${i}`, body: body as JsonObject },
  )
  if (result.outcome !== 'unfaithful' || inherits.length === 0) return result
  const left = result.details.filter((detail) => !inherits.some((path) => detail.startsWith(`${path}:`)))
  return left.length > 0
    ? { ...result, details: left }
    : { ...result, outcome: 'faithful', details: [`${inherits.join(', ')} as the image has it`] }
}

test('whatever a container was made with, its successor has it', async (t) => {
  const only = process.env['FIDELITY_ONLY']
  const matrix = cases(place).filter(({ flags }) => only === undefined || flags.includes(only))
  const results = await pMap(matrix, run, { concurrency: AT_ONCE })
  const counts = new Map<string, number>()
  for (const [i, { flags }] of matrix.entries()) {
    const { outcome, started, details } = results[i] as Result
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    t.diagnostic(`${i + 1} | ${flags} | ${outcome}${started ? '' : ', not started'} | ${details.join('; ')}`)
  }
  t.diagnostic(`${matrix.length} cases: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`)
  assert.ok((counts.get('unfaithful') ?? 0) === 0)
})
