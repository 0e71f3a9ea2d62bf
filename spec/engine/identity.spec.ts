import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connect } from '../../lib/engine/connect.ts'
import { httpDaemon, type Daemon } from '../support/daemon.ts'

type Answer = readonly [status: number, body?: unknown, headers?: Record<string, string>]

// What `/_ping` and `/version` answer; all else is an empty list, refused below the engine's lowest version.
function engine(ping: () => Answer, version: () => Answer, lowest = 1.24): Promise<Daemon> {
  return httpDaemon((request, response) => {
    const url = request.url ?? ''
    const spoken = /^\/v(\d\.\d+)/.exec(url)?.[1]
    const [status, body = {}, headers = {}] =
      url === '/_ping'
        ? ping()
        : url === '/version'
          ? version()
          : Number(spoken) < lowest
            ? ([
                400,
                { message: `client version ${spoken} is too old. Minimum supported API version is ${lowest}` },
                { 'Api-Version': '1.52' },
              ] as Answer)
            : ([200, []] as Answer)
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
}

const refused = (status: number) => (): Answer => [status, { message: 'no' }]
const says = (ApiVersion: string) => (): Answer => [200, { ApiVersion }]

for (const status of [401, 403, 404, 405, 500, 503]) {
  test(`a ping that is refused with ${status} is no reason to stop: /version is asked`, async () => {
    await using daemon = await engine(refused(status), says('1.45'))
    await using docker = await connect({ host: daemon.host })
    await docker.containers.list()
    await docker.containers.list()
    assert.deepEqual(daemon.seen, [
      'GET /_ping',
      'GET /version',
      'GET /v1.45/containers/json',
      'GET /v1.45/containers/json',
    ])
  })
}

test('without both the lowest version is spoken, and kept where they are forbidden', async () => {
  await using daemon = await engine(refused(403), refused(403))
  await using docker = await connect({ host: daemon.host })
  await docker.containers.list()
  await docker.containers.list()
  assert.deepEqual(daemon.seen, [
    'GET /_ping',
    'GET /version',
    'GET /v1.24/containers/json',
    'GET /v1.24/containers/json',
  ])
})

test('an engine that speaks no such low version is spoken to in the one that it names', async () => {
  await using daemon = await engine(refused(403), refused(403), 1.44)
  await using docker = await connect({ host: daemon.host })
  assert.deepEqual(await docker.containers.list(), [])
  assert.equal(await docker.apiVersion(), '1.52')
})

test('an engine that only failed at the ping is asked again before the next call', async () => {
  let isUp = false
  await using daemon = await engine(
    () => (isUp ? [200, 'OK', { 'Api-Version': '1.50' }] : [500]),
    () => [500],
  )
  await using docker = await connect({ host: daemon.host })
  await docker.containers.list()
  isUp = true
  await docker.containers.list()
  assert.equal(daemon.seen.at(-1), 'GET /v1.50/containers/json')
})

test('a ping that says nothing, or a /version that is no JSON, leads to a version, too', async () => {
  await using silent = await engine(() => [200, 'OK'], refused(403))
  await using first = await connect({ host: silent.host })
  await first.containers.list()
  assert.equal(silent.seen.at(-1), 'GET /v1.56/containers/json')

  await using odd = await httpDaemon((request, response) => {
    if (request.url === '/_ping') response.writeHead(403).end()
    else response.writeHead(200).end(request.url === '/version' ? '<html>' : '[]')
  })
  await using second = await connect({ host: odd.host })
  await second.containers.list()
  assert.equal(odd.seen.at(-1), 'GET /v1.24/containers/json')
})
