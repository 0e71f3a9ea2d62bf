import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode, isUnreachable } from '../../lib/base/errors.ts'
import { defaultSockets, probeSockets } from '../../lib/wire/sockets.ts'
import { fakeFiles } from '../support/files.ts'

const HOME = '/home/me'
const ENV = { XDG_RUNTIME_DIR: '/run/user/1000' }

test('the default sockets are the system one, rootless, Desktop, Colima, podman, in this order', () => {
  const order = [
    '/var/run/docker.sock',
    '/run/user/1000/docker.sock',
    '/home/me/.docker/run/docker.sock',
    '/home/me/.docker/desktop/docker.sock',
    '/home/me/.colima/default/docker.sock',
    '/run/user/1000/podman/podman.sock',
    '/run/podman/podman.sock',
  ]
  const known = defaultSockets(ENV, HOME)
  assert.deepEqual(
    known.filter((path) => order.includes(path)),
    order,
  )
  for (const path of defaultSockets({}, HOME)) assert.ok(path.startsWith('/'), path)
})

test('each default socket is found when it is the only one', async () => {
  for (const socketPath of defaultSockets(ENV, HOME)) {
    const endpoint = await probeSockets(ENV, HOME, fakeFiles({}, { [socketPath]: 'socket' }))
    assert.deepEqual(endpoint, { kind: 'unix', socketPath, source: 'the first default socket that is there' })
  }
})

test('a socket that may not be opened is passed over, and the endpoint says so', async () => {
  const sockets = { '/var/run/docker.sock': 'denied', '/run/podman/podman.sock': 'socket' } as const
  const endpoint = await probeSockets(ENV, HOME, fakeFiles({}, sockets))
  assert.equal(endpoint.kind === 'unix' && endpoint.socketPath, '/run/podman/podman.sock')
  assert.match(endpoint.source, /after \/var\/run\/docker\.sock, which may not be opened/)
})

test('without any socket every path that was tried is named, with what is there, and the cure', async () => {
  const sockets = { '/var/run/docker.sock': 'directory', '/run/podman/podman.sock': 'file' } as const
  await assert.rejects(probeSockets(ENV, HOME, fakeFiles({}, sockets)), (error) => {
    assert.ok(hasCode(error, 'ENGINE_UNREACHABLE') && isUnreachable(error))
    for (const path of defaultSockets(ENV, HOME)) assert.ok(error.message.includes(path), path)
    assert.match(error.message, /\/var\/run\/docker\.sock \(a directory, not a socket\)/)
    assert.match(error.message, /\/run\/podman\/podman\.sock \(a file, not a socket\)/)
    assert.match(error.message, /Start the engine.*DOCKER_HOST/)
    return true
  })
})

test('with only a forbidden socket the cure is its group', async () => {
  await assert.rejects(
    probeSockets(ENV, HOME, fakeFiles({}, { '/var/run/docker.sock': 'denied' })),
    (error) =>
      hasCode(error, 'ENGINE_PERMISSION') &&
      /no permission/.test(error.message) &&
      /group.*stat -c %g \/var\/run\/docker\.sock/.test(error.message),
  )
})

test('on Windows it is the default pipe', async () => {
  const endpoint = await probeSockets({ OS: 'Windows_NT' }, 'C:\\Users\\me', fakeFiles())
  assert.deepEqual(endpoint, { kind: 'npipe', pipePath: '\\\\.\\pipe\\docker_engine', source: 'the default pipe' })
})
