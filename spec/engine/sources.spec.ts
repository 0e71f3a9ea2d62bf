import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { httpDaemon, type Daemon } from '../support/daemon.ts'
import { until } from '../support/until.ts'

const SWITCHED = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'
const MISSING = '/no/such/file.tar'

// Slow to say its version, so that a source may fail before it is read.
async function daemonOf(version = '1.44'): Promise<Daemon> {
  return httpDaemon(async (request, response) => {
    if (request.url === '/_ping') {
      await new Promise((resolve) => setTimeout(resolve, 30))
      response.writeHead(200, { 'Api-Version': version }).end('OK')
      return
    }
    request.resume().on('error', () => {})
    request.on('end', () => {
      if (request.url?.includes('/start') === true) request.socket.write(SWITCHED)
      else if (request.url?.includes('/exec') === true) response.writeHead(201).end('{"Id":"e"}')
      else response.writeHead(200).end()
    })
  })
}

const uses: Readonly<Record<string, (docker: Docker, source: Readable) => PromiseLike<unknown>>> = {
  'a load': (docker, source) => docker.images.load(source),
  'a build': (docker, source) => docker.images.build(source),
  'an import': (docker, source) => docker.images.import(source),
  putArchive: (docker, source) => docker.containers.putArchive('c', { path: '/' }, source),
  'a plugin': (docker, source) => docker.plugins.create(source, { name: 'p' }),
  'the stdin of a run': (docker, stdin) => docker.exec.run('c', { Cmd: ['x'] }, { stdin }),
  'the content of an entry': (docker, content) =>
    docker.containers.putArchive('c', { path: '/' }, [{ name: 'a', content, size: 1 }]),
  'the content of a later entry': (docker, content) =>
    docker.images.build([
      { name: 'Dockerfile', content: 'FROM a' },
      { name: 'a', content, size: 1 },
    ]),
}

for (const [what, use] of Object.entries(uses)) {
  test(`${what} from a file that is not there is rejected with its path`, async () => {
    await using daemon = await daemonOf()
    await using docker = await connect({ host: daemon.host })
    const failed = Promise.resolve(use(docker, createReadStream(MISSING)))
    await assert.rejects(failed, (error) => hasCode(error, 'ABORTED') && error.message.includes(MISSING))
  })
}

for (const [what, use] of Object.entries(uses)) {
  test(`the source of ${what} is freed when the engine cannot be asked`, async () => {
    await using daemon = await daemonOf('1.12')
    await using docker = await connect({ host: daemon.host })
    const source = new Readable({ read: () => {} })
    await assert.rejects(Promise.resolve(use(docker, source)), (error) => hasCode(error, 'ENGINE_TOO_OLD'))
    await until('the source is destroyed', () => source.destroyed)
  })
}

test('sources of entries that are not reached are destroyed', async () => {
  await using daemon = await daemonOf()
  await using docker = await connect({ host: daemon.host })
  const later = new Readable({ read: () => {} })
  const put = docker.containers.putArchive('c', { path: '/' }, [
    { name: 'a', content: createReadStream(MISSING), size: 1 },
    { name: 'b', content: later, size: 1 },
  ])
  await assert.rejects(put, (error) => hasCode(error, 'ABORTED'))
  await until('the later source is destroyed', () => later.destroyed)
})

test('a fault of packing is INPUT_INVALID', async () => {
  await using daemon = await daemonOf()
  await using docker = await connect({ host: daemon.host })
  const faults = [
    { name: 'a', content: Readable.from([Buffer.from('xyz')]), size: 1 },
    { name: 'a', content: Readable.from([Buffer.from('x')]), size: 3 },
    { name: 'a', content: Readable.from([Buffer.from('x')]) },
    { name: '../a', content: 'x' },
    { name: 'a', target: '/etc/passwd' },
    { name: 'a', mtime: new Date(Number.NaN) },
  ]
  for (const fault of faults) {
    const put = docker.containers.putArchive('c', { path: '/' }, [fault])
    await assert.rejects(put, (error) => hasCode(error, 'INPUT_INVALID') && error.message.includes('a'), fault.name)
  }
})

test('what is no source is INPUT_INVALID', async () => {
  await using daemon = await daemonOf()
  await using docker = await connect({ host: daemon.host })
  for (const nonsense of ['/a/path', null, 7, {}]) {
    const put = async (): Promise<void> => docker.containers.putArchive('c', { path: '/' }, nonsense as never)
    await assert.rejects(put, (error) => hasCode(error, 'INPUT_INVALID'))
    const load = async (): Promise<unknown> => docker.images.load(nonsense as never)
    await assert.rejects(load, (error) => hasCode(error, 'INPUT_INVALID'))
  }
})
