// What sets Docker 29 apart, on the model: each fact as a real 29.7.2 answered it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { objectAt, textAt, type JsonObject, type JsonValue } from '../../../lib/base/json.ts'
import { manualClock, type ProfileName } from '../../../lib/testing/model/index.ts'
import { APP, call, lab, type Lab } from './engines.ts'

const BOTH: readonly ProfileName[] = ['29', '29-containerd']
const PORT = { ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } } }

async function get(made: Lab, version: string, path: string): Promise<JsonObject> {
  const { body } = await call(made, `GET /v${version}${path}`)
  return (Array.isArray(body) ? body[0] : body) as JsonObject
}

for (const profile of BOTH) {
  test(`${profile}: a start on a taken port loses the network, and the next one runs without`, async () => {
    const { docker } = await lab({
      profile,
      containers: [
        { name: 'holder', Image: APP, ...PORT },
        { name: 'loser', Image: APP, running: false, ...PORT },
      ],
    })
    await assert.rejects(docker.containers.start('loser'), /port is already allocated/)
    assert.deepEqual(Object.keys((await docker.containers.inspect('loser')).NetworkSettings.Networks), [])
    await docker.containers.start('loser')
    const { State, NetworkSettings } = await docker.containers.inspect('loser')
    assert.equal(State.Running, true)
    assert.deepEqual(NetworkSettings.Ports, {})
  })

  test(`${profile}: an empty list of bindings publishes a free port`, async () => {
    const { docker } = await lab({
      profile,
      containers: [
        { name: 'web', Image: APP, ExposedPorts: PORT.ExposedPorts, HostConfig: { PortBindings: { '80/tcp': [] } } },
      ],
    })
    const { HostConfig, NetworkSettings } = await docker.containers.inspect('web')
    assert.deepEqual(HostConfig.PortBindings, { '80/tcp': [{ HostIp: '', HostPort: '' }] })
    assert.equal(NetworkSettings.Ports['80/tcp']?.length, 2)
  })
}

test('a 28 keeps its networks after a failed start, and the next one fails again', async () => {
  const { docker } = await lab({
    profile: '28',
    containers: [
      { name: 'holder', Image: APP, ...PORT },
      { name: 'loser', Image: APP, running: false, ...PORT },
    ],
  })
  await assert.rejects(docker.containers.start('loser'))
  assert.deepEqual(Object.keys((await docker.containers.inspect('loser')).NetworkSettings.Networks), ['bridge'])
  await assert.rejects(docker.containers.start('loser'))
})

const REFUSED: readonly (readonly [body: JsonObject, words: string])[] = [
  [{ HostConfig: { Dns: ['nope'] } }, 'invalid JSON: ParseAddr("nope"): unable to parse IP'],
  [
    { HostConfig: { PortBindings: { '80/tcp': [{ HostIp: 'localhost' }] } } },
    'invalid JSON: ParseAddr("localhost"): unable to parse IP',
  ],
  [{ HostConfig: { PortBindings: { '99999/tcp': [{}] } } }, "invalid JSON: invalid port '99999': value out of range"],
  [{ ExposedPorts: { '80-82/tcp': {} } }, "invalid JSON: invalid port '80-82': invalid syntax"],
  [
    { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: 'zz' } } } },
    'invalid JSON: address zz: invalid MAC address',
  ],
]

test('addresses and ports are parsed with the body', async () => {
  const made = await lab({ profile: '29' })
  for (const [body, words] of REFUSED) {
    const answer = await call(made, 'POST /v1.56/containers/create', { Image: APP, ...body })
    assert.equal(answer.status, 400)
    assert.equal(textAt(answer.body, 'message'), words)
  }
})

const MAC = '02:42:ac:11:00:97'
const views: readonly (readonly [version: string, mac: JsonValue | undefined, old: boolean])[] = [
  ['1.51', MAC, true],
  ['1.52', undefined, false],
]
for (const [version, mac, old] of views) {
  test(`29: an inspect at ${version} ${old ? 'has' : 'leaves out'} the members of old`, async () => {
    const made = await lab({
      profile: '29-containerd',
      containers: [{ name: 'web', Image: APP, NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: MAC } } } }],
    })
    const inspect = await get(made, version, '/containers/web/json')
    assert.equal(objectAt(inspect, 'Config')['MacAddress'], mac)
    assert.equal('IPAddress' in objectAt(inspect, 'NetworkSettings'), old)
    assert.equal('Bridge' in objectAt(inspect, 'NetworkSettings'), false)
    assert.equal('GraphDriver' in inspect, old)
    assert.equal('Storage' in inspect, !old)
    const image = await get(made, version, `/images/${encodeURIComponent(APP)}/json`)
    assert.equal('Author' in image, old)
    assert.equal('Health' in (await get(made, version, '/containers/json')), !old)
    const usage = await get(made, version, '/system/df')
    assert.equal('ImageUsage' in usage, !old)
    assert.equal('LayersSize' in usage, false)
    assert.equal('Status' in (await get(made, version, '/networks/bridge')), !old)
  })
}

test('29: a container-wide MAC address is ignored from 1.52 on', async () => {
  const made = await lab({ profile: '29' })
  for (const [version, mac] of [
    ['1.51', MAC],
    ['1.52', ''],
  ] as const) {
    await call(made, `POST /v${version}/containers/create?name=m${version}`, { Image: APP, MacAddress: MAC })
    const { NetworkSettings } = await made.docker.containers.inspect(`m${version}`)
    assert.equal(NetworkSettings.Networks['bridge']?.MacAddress, mac)
  }
})

test('29: a connect takes a MAC address from 1.54 on', async () => {
  const made = await lab({ profile: '29', containers: [{ name: 'web', Image: APP }] })
  await made.docker.networks.create({ Name: 'back' })
  for (const [version, taken] of [
    ['1.53', false],
    ['1.54', true],
  ] as const) {
    await call(made, `POST /v${version}/networks/back/connect`, {
      Container: 'web',
      EndpointConfig: { MacAddress: MAC },
    })
    const { NetworkSettings } = await made.docker.containers.inspect('web')
    assert.equal(NetworkSettings.Networks['back']?.MacAddress === MAC, taken)
    await made.docker.networks.disconnect('back', { Container: 'web' })
  }
})

test('29: the oldest API version is 1.40', async () => {
  const { status, body } = await call(await lab({ profile: '29' }), 'GET /v1.39/info')
  assert.equal(status, 400)
  assert.match(textAt(body, 'message'), /client version 1\.39 is too old\. Minimum supported API version is 1\.40/)
})

test('29: events have no members of old from 1.52 on, and a type that the client may choose', async () => {
  const { engine } = await lab({ profile: '29', containers: [{ name: 'web', Image: APP }] })
  const read = async (version: string, accept: string) => {
    const { headers, body } = await engine.transport().request({
      method: 'GET',
      path: `/v${version}/events?since=1&until=${Math.floor(Date.now() / 1000) + 86_400_000}`,
      headers: { accept },
      headersTimeout: 0,
      idleTimeout: 0,
    })
    for await (const chunk of body) return { type: headers['content-type'], text: Buffer.from(chunk).toString('utf8') }
    return { type: headers['content-type'], text: '' }
  }
  assert.match((await read('1.51', '*/*')).text, /"status":/)
  assert.doesNotMatch((await read('1.52', '*/*')).text, /"status":/)
  assert.equal((await read('1.51', '*/*')).type, 'application/json')
  assert.equal((await read('1.52', '*/*')).type, 'application/jsonl')
  const sequence = await read('1.51', 'application/json-seq')
  assert.equal(sequence.type, 'application/json-seq')
  assert.equal(sequence.text.codePointAt(0), 0x1e)
})

test('29-containerd: an image tells the repositories it was pulled from, without a port', async () => {
  const made = await lab({ profile: '29-containerd', images: {} })
  made.engine.publish('registry.example.org:5000/acme/app:1', { config: { Cmd: ['/serve'] } })
  await made.docker.images.pull('registry.example.org:5000/acme/app:1')
  const image = await get(made, '1.53', `/images/${encodeURIComponent('registry.example.org:5000/acme/app:1')}/json`)
  assert.deepEqual(objectAt(image, 'Identity')['Pull'], [{ Repository: 'registry.example.org/acme/app' }])
  const before = await get(made, '1.52', `/images/${encodeURIComponent('registry.example.org:5000/acme/app:1')}/json`)
  assert.equal('Identity' in before, false)
})

test('29: attestations need the containerd store', async () => {
  const { docker } = await lab({ profile: '29' })
  await assert.rejects(docker.images.attestations(APP), /legacy image store does not support attestations/)
  const { docker: other } = await lab({ profile: '29-containerd' })
  assert.deepEqual(await other.images.attestations(APP), [])
})

test('29: pull lines have no rendered bar, those of a 28 do', async () => {
  for (const [profile, bars] of [
    ['28', true],
    ['29', false],
  ] as const) {
    const made = await lab({ profile, images: {} })
    made.engine.publish('acme/new:1', { layers: [{ name: 'a', bytes: 2000 }] })
    const response = await made.engine.transport().request({
      method: 'POST',
      path: '/images/create?fromImage=acme/new&tag=1',
      headersTimeout: 0,
      idleTimeout: 0,
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    assert.equal(Buffer.concat(chunks).includes('"progress":'), bars, profile)
  }
})

test('a default-stop-timeout of the daemon holds where the container names no seconds, and no answer shows it', async () => {
  const deaf = { config: { Cmd: ['/serve'] }, behaviour: { stopsAfter: Number.POSITIVE_INFINITY } }
  for (const [own, seconds] of [
    [undefined, 3],
    [7, 7],
  ] as const) {
    const clock = manualClock({ auto: true })
    const made = await lab({
      profile: '29',
      clock,
      stopTimeout: 3,
      images: { [APP]: deaf },
      containers: [{ name: 'web', Image: APP, ...(own === undefined ? {} : { StopTimeout: own }) }],
    })
    const shown = await get(made, '1.56', '/containers/web/json')
    assert.equal(objectAt(shown, 'Config')['StopTimeout'], own)
    const from = clock.now()
    await call(made, 'POST /v1.56/containers/web/stop')
    assert.equal(Math.round((clock.now() - from) / 1000), seconds)
  }
})
