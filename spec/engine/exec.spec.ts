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

async function execDaemon({ run, exits = [0] }: Script): Promise<{ daemon: Daemon; heads: string[] }> {
  const heads: string[] = []
  let inspects = 0
  const daemon = await rawDaemon((socket) => {
    socket.allowHalfOpen = true
    onRequest(socket, (text) => {
      const head = text.slice(text.search(/(?:GET|POST) \//)) // the body of the request before stands in front
      heads.push(head)
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
  return { daemon, heads }
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
