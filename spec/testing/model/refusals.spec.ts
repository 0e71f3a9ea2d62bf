// What real engines refused, asked of the model: the same status and the same words.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { isObject, parseJson, textAt, type JsonObject, type JsonValue } from '../../../lib/base/json.ts'
import type { ProfileName } from '../../../lib/testing/model/index.ts'
import { APP, V1, call, lab, type Lab } from './engines.ts'

interface Recorded {
  readonly request: {
    readonly method: 'GET' | 'POST' | 'DELETE'
    readonly path: string
    readonly query: Readonly<Record<string, readonly string[]>>
    readonly body?: JsonObject
  }
  readonly response: { readonly status: number; readonly chunks: readonly string[] }
}

type Answer = readonly [what: string, status: number, message: string]

const RECORDINGS: readonly (readonly [folder: string, profile: ProfileName])[] = [
  ['docker-29.7-1.56', '29'],
  ['docker-29.7c-1.56', '29-containerd'],
]

for (const [folder, profile] of RECORDINGS) {
  for (const version of ['1.51', '1.56']) {
    test(`${profile} at ${version} refuses what a real one refuses, in its words`, async () => {
      const text = readFileSync(`fixtures/exchanges/${folder}/refusals-${version}.json`, 'utf8')
      const exchanges = JSON.parse(text) as Recorded[]
      const image = '127.0.0.1:5002/acme/workspace-template-hermes:v1'
      const { engine, docker } = await lab({
        profile,
        images: { [image]: V1 },
        containers: [{ name: 'rec-plain', Image: image }],
      })
      await docker.networks.create({ Name: 'rec-n1', IPAM: { Config: [{ Subnet: '10.99.7.0/24' }] } })
      assert.ok(exchanges.length >= 15)
      const given: Answer[] = []
      const wanted: Answer[] = []
      for (const { request, response } of exchanges) {
        const query = Object.entries(request.query).flatMap(([name, values]) => values.map((value) => [name, value]))
        const path = `${request.path}?${new URLSearchParams(query as [string, string][]).toString()}`
        const answer = await ask({ engine }, `${request.method} ${path}`, request.body)
        const what = `${request.method} ${request.path} ${JSON.stringify(request.query)} ${JSON.stringify(request.body ?? '')}`
        const bytes = Buffer.concat(response.chunks.map((chunk) => Buffer.from(chunk, 'base64')))
        const recorded = bytes.toString('utf8').trim()
        given.push([what, ...answer])
        wanted.push([what, response.status, messageIn(recorded === '' ? null : parseJson(recorded))])
      }
      assert.deepEqual(given, wanted)
    })
  }
}

// Seen on dockerd 20.10.24, 26.1.5, 28.5.2 and podman 5.8.
const UNCONFIGURED =
  'user specified IP address is supported only when connecting to networks with user configured subnets'
const OUTSIDE = 'no configured subnet or ip-range contain the IP address 10.1.1.1'
const rows: readonly (readonly [profile: ProfileName, what: string, status: number, message: string])[] = [
  ['20.10', 'POST /containers/web/stop?t=x', 500, 'strconv.Atoi: parsing "x": invalid syntax'],
  ['28', 'GET /containers/json?limit=x', 500, 'strconv.Atoi: parsing "x": invalid syntax'],
  ['28', 'GET /containers/web/logs?stdout=1&since=x', 500, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['28', 'GET /events?until=x', 500, 'strconv.ParseInt: parsing "x": invalid syntax'],
  [
    'podman',
    'POST /containers/web/stop?t=x',
    400,
    'failed to parse parameters for /v1.41/containers/web/stop?t=x: schema: error converting value for "t"',
  ],
  [
    'podman',
    'GET /events?since=x',
    500,
    'failed to parse event filters: unable to convert since time of x: unable to interpret time value',
  ],
  ['20.10', 'POST /networks/configured/connect', 200, ''],
  ['20.10', 'POST /networks/chosen/connect', 400, UNCONFIGURED],
  ['26', 'POST /networks/configured/connect', 400, `invalid endpoint settings:\n${OUTSIDE}`],
  ['28', 'POST /networks/chosen/connect', 400, `invalid endpoint settings:\n${UNCONFIGURED}`],
  [
    '28',
    'POST /containers/create',
    400,
    `invalid config for network configured: invalid endpoint settings:\n${OUTSIDE}`,
  ],
]
for (const [profile, what, ...wanted] of rows) {
  test(`${profile}: ${what} is ${wanted[0]}`, async () => {
    const { engine, docker } = await lab({ profile })
    await docker.containers.create({ Image: APP }, { name: 'web' })
    await docker.networks.create({ Name: 'configured', IPAM: { Config: [{ Subnet: '10.99.7.0/24' }] } })
    await docker.networks.create({ Name: 'chosen' })
    const [method, path] = what.split(' ') as ['GET' | 'POST', string]
    const EndpointConfig = { IPAMConfig: { IPv4Address: '10.1.1.1' } }
    const bodies: Readonly<Record<string, JsonObject>> = {
      connect: { Container: 'web', EndpointConfig },
      create: {
        Image: APP,
        HostConfig: { NetworkMode: 'configured' },
        NetworkingConfig: { EndpointsConfig: { configured: EndpointConfig } },
      },
    }
    assert.deepEqual(await ask({ engine }, `${method} /v1.41${path}`, bodies[path.split('/').at(-1) ?? '']), wanted)
  })
}

test('20.10: an address outside of the subnet fails the start', async () => {
  const { engine, docker } = await lab({ profile: '20.10' })
  await docker.networks.create({ Name: 'configured', IPAM: { Config: [{ Subnet: '10.99.7.0/24' }] } })
  const endpoint = { IPAMConfig: { IPv4Address: '10.1.1.1' } }
  const body = { Image: APP, HostConfig: { NetworkMode: 'configured' } }
  await docker.containers.create(
    { ...body, NetworkingConfig: { EndpointsConfig: { configured: endpoint } } },
    { name: 'web' },
  )
  const words = "Invalid address 10.1.1.1: It does not belong to any of this network's subnets"
  assert.deepEqual(await ask({ engine }, 'POST /v1.41/containers/web/start'), [500, words])
})

/** Status and words of an answer; ids are masked. */
async function ask(made: Pick<Lab, 'engine'>, what: string, body?: JsonObject): Promise<[number, string]> {
  const answer = await call(made, what, body)
  return [answer.status, messageIn(answer.body)]
}

function messageIn(body: JsonValue): string {
  return isObject(body) ? textAt(body, 'message').replaceAll(/[0-9a-f]{12,64}/g, 'ID') : ''
}
