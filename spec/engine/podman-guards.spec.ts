import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { httpDaemon, type Daemon } from '../support/daemon.ts'

// Answers as podman 4.3 was seen to; `false` is dockerd.
function engine(
  isPodman: boolean,
  answer: (url: string, request: IncomingMessage) => readonly [status: number, body: unknown],
): Promise<Daemon> {
  return httpDaemon((request: IncomingMessage, response: ServerResponse) => {
    const podman: Record<string, string> = isPodman ? { 'Libpod-Api-Version': '4.3.1' } : {}
    if (request.url === '/_ping') {
      response.writeHead(200, { 'Api-Version': '1.44', ...podman }).end('OK')
      return
    }
    const [status, body] = answer((request.url ?? '').replace('/v1.44', ''), request)
    const lines = Array.isArray(body) && request.url?.includes('/events') === true
    const text = lines ? body.map((line) => `${JSON.stringify(line)}\n`).join('') : JSON.stringify(body)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(status === 204 ? undefined : text)
  })
}

const asked = ({ seen }: Daemon): string[] => seen.slice(1).map((line) => line.replace('/v1.44', ''))

test('a wait for the removal on podman tells how the container ended', async () => {
  await using daemon = await engine(true, (url) => [200, { StatusCode: url.endsWith('removed') ? 0 : 3, Error: null }])
  await using docker = await connect({ host: daemon.host })
  assert.equal((await docker.containers.wait('c', { condition: 'removed' })).StatusCode, 3)
  assert.deepEqual(asked(daemon), [
    'POST /containers/c/wait?condition=not-running',
    'POST /containers/c/wait?condition=removed',
  ])
})

test('a wait for the removal on podman that cannot tell how it ended is an error', async () => {
  await using daemon = await engine(true, () => [
    200,
    { StatusCode: 0, Error: { Message: 'container has already been removed' } },
  ])
  await using docker = await connect({ host: daemon.host })
  await assert.rejects(docker.containers.wait('c', { condition: 'removed' }), (error) => hasCode(error, 'NOT_FOUND'))
})

test('a wait for the removal on dockerd is one request', async () => {
  await using daemon = await engine(false, () => [200, { StatusCode: 3 }])
  await using docker = await connect({ host: daemon.host })
  const wait = docker.containers.wait('c', { condition: 'removed' })
  await wait.armed
  assert.equal((await wait).StatusCode, 3)
  assert.deepEqual(asked(daemon), ['POST /containers/c/wait?condition=removed'])
})

for (const verb of ['stop', 'restart'] as const) {
  test(`a ${verb} with a signal is refused on podman, which would ignore it`, async () => {
    await using daemon = await engine(true, () => [204, ''])
    await using docker = await connect({ host: daemon.host })
    await assert.rejects(docker.containers[verb]('c', { signal: 'SIGINT' }), (error) => hasCode(error, 'UNSUPPORTED'))
    assert.deepEqual(asked(daemon), [])
  })

  test(`a ${verb} that waits for ever is a ${verb} of 68 years on podman`, async () => {
    await using daemon = await engine(true, () => [204, ''])
    await using docker = await connect({ host: daemon.host })
    await docker.containers[verb]('c', { t: -1 })
    assert.deepEqual(asked(daemon), [`POST /containers/c/${verb}?t=2147483647`])
  })

  test(`a ${verb} of dockerd gets signal and -1 as they are`, async () => {
    await using daemon = await engine(false, () => [204, ''])
    await using docker = await connect({ host: daemon.host })
    await docker.containers[verb]('c', { t: -1, signal: 'SIGINT' })
    assert.deepEqual(asked(daemon), [`POST /containers/c/${verb}?t=-1&signal=SIGINT`])
  })
}

const RUNNING = [
  {
    Id: 'a'.repeat(64),
    Names: ['/web'],
    Image: 'i',
    ImageID: 'i',
    Command: '',
    Created: 1,
    State: 'running',
    Status: 'Up',
  },
]

const image = (...RepoTags: readonly string[]) => ({ Id: `sha256:${'b'.repeat(64)}`, RepoTags, RepoDigests: [] })

test('a forced removal of an image by its only tag is refused on podman while its containers run', async () => {
  await using daemon = await engine(true, (url) => [200, url.startsWith('/images') ? image('a:1') : RUNNING])
  await using docker = await connect({ host: daemon.host })
  await assert.rejects(docker.images.remove('a:1', { force: true }), (error) => {
    assert.ok(hasCode(error, 'CONFLICT'))
    assert.match(error.message, /web of it run/)
    return true
  })
  assert.equal(
    asked(daemon).some((line) => line.startsWith('DELETE')),
    false,
  )
})

for (const [what, isPodman, tags, containers] of [
  ['where none runs', true, ['a:1'], []],
  ['where the image has another tag', true, ['a:1', 'a:2'], RUNNING],
  ['on dockerd', false, ['a:1'], RUNNING],
] as const) {
  test(`a forced removal of an image goes on ${what}`, async () => {
    await using daemon = await engine(isPodman, (url) =>
      url.startsWith('/containers')
        ? [200, containers]
        : [200, url.endsWith('/json') ? image(...tags) : [{ Untagged: 'a:1' }]],
    )
    await using docker = await connect({ host: daemon.host })
    await docker.images.remove('a:1', { force: true })
    assert.equal(asked(daemon).at(-1), 'DELETE /images/a:1?force=1')
    assert.equal(asked(daemon).length === 1, !isPodman)
  })
}

const event = (seconds: number) => ({
  Type: 'container',
  Action: 'die',
  Actor: { ID: 'x', Attributes: {} },
  time: seconds,
  timeNano: seconds * 1e9,
})

test('events until a moment in the past are read on podman, and end there', async () => {
  await using daemon = await engine(true, () => [200, [event(100), event(200), event(201)]])
  await using docker = await connect({ host: daemon.host })
  const times: number[] = []
  for await (const { time } of docker.system.events({ since: 50, until: 200 })) times.push(time)
  assert.deepEqual(times, [100, 200])
  const query = new URL(`http://d${asked(daemon)[0]?.replace('GET ', '')}`).searchParams
  assert.ok(Number(query.get('until')) * 1000 > Date.now())
  assert.equal(query.get('stream'), '0')
})

test('events until a moment in the past are asked for as such on dockerd', async () => {
  await using daemon = await engine(false, () => [200, [event(100)]])
  await using docker = await connect({ host: daemon.host })
  for await (const _ of docker.system.events({ since: 50, until: '200.5' }));
  assert.deepEqual(asked(daemon), ['GET /events?since=50&until=200.5'])
})

for (const [status, options, isRefused] of [
  ['exited', {}, true],
  ['dead', {}, true],
  ['stopped', {}, true],
  ['exited', { beforeStart: true }, false],
  ['exited', { stream: false, logs: true }, false],
  ['created', {}, false],
  ['running', {}, false],
] as const) {
  const how = `${status} container with ${JSON.stringify(options)}`
  test(`attaching to a ${how} is ${isRefused ? 'refused before it hangs' : 'let through'}`, async () => {
    await using daemon = await engine(false, (url) =>
      url.endsWith('/json')
        ? [200, { Config: { Tty: false }, State: { Status: status } }]
        : [500, { message: 'attach' }],
    )
    await using docker = await connect({ host: daemon.host })
    await assert.rejects(docker.containers.attach('c', options), (error) =>
      hasCode(error, isRefused ? 'CONFLICT' : 'ENGINE_ERROR'),
    )
    assert.equal(
      asked(daemon).some((line) => line.startsWith('POST')),
      !isRefused,
    )
  })
}

test('a proxy that passes no inspect does not stop an attach', async () => {
  await using daemon = await engine(false, (url) => [url.endsWith('/json') ? 403 : 500, { message: 'no' }])
  await using docker = await connect({ host: daemon.host })
  await assert.rejects(docker.containers.attach('c'), (error) => hasCode(error, 'ENGINE_ERROR'))
})

test('a push sends the tag of the name where podman reads and reports it', async () => {
  await using daemon = await engine(true, () => [200, { status: 't1: digest: sha256:abc size: 343' }])
  await using docker = await connect({ host: daemon.host })
  assert.deepEqual(await docker.images.push('127.0.0.1:5000/a/b:t1'), { tag: 't1', digest: 'sha256:abc', size: 343 })
  await docker.images.push('127.0.0.1:5000/a/b:t1', { tag: 't2' })
  await docker.images.push('127.0.0.1:5000/a/b')
  assert.deepEqual(asked(daemon), [
    'POST /images/127.0.0.1:5000/a/b/push?tag=t1',
    'POST /images/127.0.0.1:5000/a/b/push?tag=t2',
    'POST /images/127.0.0.1:5000/a/b/push',
  ])
})

test('a push that podman 5 refuses tells its words', async () => {
  const words = 'checking whether a blob exists: authentication required'
  await using daemon = await engine(true, () => [500, { errorDetail: { message: words }, error: words }])
  await using docker = await connect({ host: daemon.host })
  await assert.rejects(Promise.resolve(docker.images.push('r.example/a')), (error) => {
    assert.ok(hasCode(error, 'ENGINE_ERROR'))
    assert.equal(error.words, words)
    return true
  })
})
