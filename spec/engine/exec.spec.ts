import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import type { Clock } from '../../lib/base/ports.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { onRequest, rawDaemon, type Daemon } from '../support/daemon.ts'
import { frame } from '../support/frame.ts'
import { until } from '../support/until.ts'

const SWITCHED = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'

function json(status: string, value: unknown): string {
  const body = JSON.stringify(value)
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

interface Script {
  /** What the process does once it is started. */
  readonly run: (socket: Socket) => void
  /** Exit code as the inspects tell it, one after the other; the last one stays. */
  readonly exits?: readonly (number | null)[]
}

interface Exec {
  readonly daemon: Daemon
  readonly heads: string[]
  /** The requests with their bodies, each in front of the head of the one behind it. */
  readonly texts: string[]
}

async function execDaemon({ run, exits = [0] }: Script): Promise<Exec> {
  const heads: string[] = []
  const texts: string[] = []
  let inspects = 0
  const daemon = await rawDaemon((socket) => {
    socket.allowHalfOpen = true
    onRequest(socket, (text) => {
      const head = text.slice(text.search(/(?:GET|POST) \//)) // the body of the request before stands in front
      heads.push(head)
      texts.push(text)
      if (head.startsWith('POST /v1.44/containers/')) {
        socket.write(json('201 Created', { Id: 'e1' }))
      } else if (head.startsWith('GET ')) {
        const exit = exits[Math.min(inspects++, exits.length - 1)] ?? null
        socket.write(json('200 OK', { ID: 'e1', Running: exit === null, ExitCode: exit }))
      } else {
        socket.removeAllListeners('data')
        socket.write(SWITCHED)
        run(socket)
      }
    })
  })
  return { daemon, heads, texts }
}

function clientOf(daemon: Daemon, clock?: Clock): Promise<Docker> {
  return connect({ host: daemon.host, apiVersion: '1.44', ...(clock === undefined ? {} : { clock }) })
}

test('a command that ends gives its exit code and both outputs apart', async () => {
  const { daemon } = await execDaemon({
    run: (socket) => socket.end(Buffer.concat([frame(1, 'out'), frame(2, 'err')])),
    exits: [7],
  })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  assert.deepEqual(await docker.exec.run('c', { Cmd: ['x'] }), { exitCode: 7, stdout: 'out', stderr: 'err' })
})

test('with a TTY the output is raw, whatever the engine calls it', async () => {
  const { daemon, heads } = await execDaemon({ run: (socket) => socket.end('raw \u0001\0\0\0 output') })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const { stdout } = await docker.exec.run('c', { Cmd: ['x'], Tty: true })
  assert.equal(stdout, 'raw \u0001\0\0\0 output')
  assert.match(heads[1] ?? '', /^POST \/v1\.44\/exec\/e1\/start/)
})

test('stdin goes to the command and is closed behind it', async () => {
  let seen = ''
  const { daemon } = await execDaemon({
    run: (socket) => {
      socket.on('data', (chunk: Buffer) => (seen += String(chunk)))
      socket.on('end', () => socket.end(frame(1, `read ${seen}`)))
    },
  })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  assert.equal((await docker.exec.run('c', { Cmd: ['x'] }, { stdin: 'words' })).stdout, 'read words')
})

test('a command that ends without reading its stdin is no failure', async () => {
  // It ends its half of the connection with input unread, and closes it once the client has hung up.
  const run = (socket: Socket): void => void socket.pause().end(frame(1, 'done'))
  const { daemon } = await execDaemon({ run })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const stdin = (async function* () {
    for (;;) {
      yield Buffer.alloc(65_536)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  assert.equal((await docker.exec.run('c', { Cmd: ['x'] }, { stdin })).stdout, 'done')
})

test('the exit code is asked for until the engine has noted it', async () => {
  const { daemon, heads } = await execDaemon({ run: (socket) => socket.end(), exits: [null, null, 3] })
  await using _ = daemon
  const waits: number[] = []
  const clock: Clock = { now: () => 0, monotonic: () => 0, sleep: (ms) => Promise.resolve(void waits.push(ms)) }
  await using docker = await clientOf(daemon, clock)
  assert.equal((await docker.exec.run('c', { Cmd: ['x'] })).exitCode, 3)
  assert.equal(heads.filter((head) => head.startsWith('GET /v1.44/exec/e1/json')).length, 3)
  assert.deepEqual(waits, [10, 20])
})

test('output above the limit ends the run and closes the connection', async () => {
  const { daemon } = await execDaemon({
    run: (socket) => {
      socket.resume().on('end', () => socket.end())
      socket.write(frame(1, 'x'.repeat(1000)))
    },
  })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const run = docker.exec.run('c', { Cmd: ['x'] }, { maxBytes: 999 })
  await assert.rejects(run, (error) => hasCode(error, 'TOO_LARGE'))
  await until('the raw connection is closed', () => daemon.open.size <= 1)
})

test('an abort ends the run', async () => {
  const { daemon } = await execDaemon({ run: () => {} })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const controller = new AbortController()
  const run = docker.exec.run('c', { Cmd: ['x'] }, {}, { signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(run, (error) => hasCode(error, 'ABORTED'))
})

// dockerd closes its output when the stdin of a TTY ends, and a terminal takes 0x04 for the end of a file.
function terminal(answer: (seen: string) => string): Script['run'] {
  return (socket) => {
    let seen = ''
    socket.on('data', (chunk: Buffer) => {
      seen += String(chunk)
      if (seen.includes('\u0004')) socket.end(answer(seen))
    })
    socket.on('end', () => socket.end())
  }
}

test('with a TTY stdin ends by a Ctrl-D, and the output still comes', async () => {
  const { daemon } = await execDaemon({ run: terminal((seen) => `got ${JSON.stringify(seen)}`), exits: [4] })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const { exitCode, stdout } = await docker.exec.run('c', { Cmd: ['x'], Tty: true }, { stdin: 'hello\n' })
  assert.equal(stdout, String.raw`got "hello\n\u0004"`)
  assert.equal(exitCode, 4)
})

test('a TTY gets a second Ctrl-D behind a line without its end', async () => {
  const { daemon } = await execDaemon({ run: terminal((seen) => JSON.stringify(seen)) })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const { stdout } = await docker.exec.run('c', { Cmd: ['x'], Tty: true }, { stdin: 'hello' })
  assert.equal(stdout, String.raw`"hello\u0004\u0004"`)
})

test('the timeout of a run is of its wait for the exit code too', async () => {
  const { daemon } = await execDaemon({ run: (socket) => socket.end(), exits: [null] })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const limit = AbortSignal.timeout(5000) // where the deadline does not hold, this ends the spec
  const run = docker.exec.run('c', { Cmd: ['x'] }, {}, { timeout: 100, signal: limit })
  await assert.rejects(run, (error) => hasCode(error, 'TIMEOUT') && error.message.includes('100 ms'))
  assert.equal(limit.aborted, false)
})

test('an abort while the exit code is waited for is an AbortedError', async () => {
  const { daemon } = await execDaemon({ run: (socket) => socket.end(), exits: [null] })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const controller = new AbortController()
  const run = docker.exec.run('c', { Cmd: ['x'] }, {}, { signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(run, (error) => hasCode(error, 'ABORTED'))
})

test('members that are explicitly undefined are as if absent', async () => {
  const { daemon, texts } = await execDaemon({ run: (socket) => socket.end() })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  await docker.exec.run('c', { Cmd: ['x'], AttachStdout: undefined, AttachStderr: undefined, AttachStdin: undefined })
  const body = JSON.parse(/\{"AttachStdin.*?\}/.exec(texts.join('\n'))?.[0] ?? '{}') as object
  assert.deepEqual(body, { AttachStdin: false, AttachStdout: true, AttachStderr: true, Cmd: ['x'] })
})

test('a command that hangs up with megabytes of stdin unread is no failure', async () => {
  const { daemon } = await execDaemon({
    run: (socket) => {
      socket.pause()
      socket.write(frame(1, 'done'), () => setTimeout(() => socket.destroy(), 20))
    },
    exits: [null, 5],
  })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const result = await docker.exec.run('c', { Cmd: ['x'] }, { stdin: Buffer.alloc(3 << 20) })
  assert.deepEqual(result, { exitCode: 5, stdout: 'done', stderr: '' })
})

test('a command that still runs after its connection was cut is a lost connection', async () => {
  const { daemon } = await execDaemon({
    run: (socket) => {
      socket.pause()
      setTimeout(() => socket.destroy(), 20)
    },
    exits: [null],
  })
  await using _ = daemon
  const clock: Clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() }
  await using docker = await clientOf(daemon, clock)
  const run = docker.exec.run('c', { Cmd: ['x'] }, { stdin: Buffer.alloc(3 << 20) }, { timeout: 5000 })
  await assert.rejects(run, (error) => hasCode(error, 'CONNECTION_LOST'))
})

test('a source of stdin that fails ends the run, and says so', async () => {
  const { daemon } = await execDaemon({ run: (socket) => socket.resume().on('end', () => socket.end()) })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const stdin = (async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from('a')
    throw new Error('the source broke')
  })()
  const run = docker.exec.run('c', { Cmd: ['x'] }, { stdin })
  await assert.rejects(run, (error) => hasCode(error, 'ABORTED') && error.message.includes('the source broke'))
  await until('the raw connection is closed', () => daemon.open.size <= 1)
})

test('a source of stdin that has no more to say does not hold up a command that ended', async () => {
  const { daemon } = await execDaemon({ run: (socket) => socket.end(frame(1, 'done')) })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  let left = false
  const stdin: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        left = true
        return { done: true, value: undefined }
      },
    }),
  }
  assert.equal((await docker.exec.run('c', { Cmd: ['x'] }, { stdin }, { timeout: 5000 })).stdout, 'done')
  assert.equal(left, true)
})

test('what fails in writing to a session is an error of this library', async () => {
  const { daemon } = await execDaemon({ run: (socket) => void setTimeout(() => socket.destroy(), 20) })
  await using _ = daemon
  await using docker = await clientOf(daemon)
  const { Id } = await docker.exec.create('c', { Cmd: ['x'], AttachStdin: true })
  using session = await docker.exec.start(Id)
  const failure = await new Promise((resolve) => {
    const write = (): void =>
      void session.stdin?.write(Buffer.alloc(1 << 20), (error) => (error ? resolve(error) : write()))
    write()
  })
  assert.ok(hasCode(failure, 'CONNECTION_LOST'), String(failure))
})
