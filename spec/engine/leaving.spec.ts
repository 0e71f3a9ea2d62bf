import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { tar } from '../../lib/engine/tar.ts'
import { onRequest, rawDaemon, type Daemon } from '../support/daemon.ts'
import { frame } from '../support/frame.ts'
import { WAYS, streamOf, type Open } from '../support/leaving.ts'
import { until } from '../support/until.ts'

const EVENT = JSON.stringify({
  Type: 'container',
  Action: 'start',
  Actor: { ID: 'x', Attributes: {} },
  time: 1,
  timeNano: 2,
})

function head(type: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`
}

function chunk(data: Uint8Array | string): Buffer {
  const bytes = Buffer.from(data)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

const SWITCHED = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream'

async function archiveHead(): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const bytes of tar([
    { name: 'a', content: 'x' },
    { name: 'b', content: 'y'.repeat(10_000) },
  ]))
    all.push(bytes)
  return Buffer.concat(all).subarray(0, 512 * 3 + 700) // the second entry has begun
}

// Says something on each path, and nothing after it.
async function silentDaemon(): Promise<Daemon> {
  const archive = await archiveHead()
  const answers: readonly (readonly [RegExp, () => Uint8Array | string])[] = [
    [
      / \/v1\.44\/containers\/c\/logs/,
      () => Buffer.concat([Buffer.from(head(MULTIPLEXED)), chunk(frame(1, 'a line\n'))]),
    ],
    [/ \/v1\.44\/containers\/c\/stats/, () => head('application/json') + chunk('{"name":"c"}\n').toString()],
    [/ \/v1\.44\/events/, () => head('application/json') + chunk(`${EVENT}\n`).toString()],
    [/\/archive|\/export|\/get/, () => Buffer.concat([Buffer.from(head('application/x-tar')), chunk(archive)])],
    [/\/attach\/ws/, () => Buffer.concat([Buffer.from(SWITCHED), Buffer.from([0x82, 2]), Buffer.from('hi')])],
    [/\/attach|\/start/, () => Buffer.concat([Buffer.from(SWITCHED), frame(1, 'a line\n')])],
    [/\/containers\/c\/json/, () => 'HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{"Config":{"Tty":false}}'],
    [/\/images\/\S+\/json/, () => 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
    [/\/images\/create|\/build|\/push|\/load/, () => head('application/json') + chunk('{"status":"a"}\n').toString()],
  ]
  return rawDaemon((socket: Socket) => {
    socket.allowHalfOpen = true
    socket.on('end', () => socket.end())
    onRequest(socket, (text) => {
      const line = text.slice(text.search(/(?:GET|POST|PUT) \//)).split('\r\n')[0] ?? ''
      socket.write(answers.find(([path]) => path.test(line))?.[1]() ?? 'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n')
    })
  })
}

const KINDS: Readonly<Record<string, Open>> = {
  logs: (docker, signal) => streamOf(docker.containers.logs('c', { follow: true }, { signal })),
  'lines of logs': (docker, signal) => {
    const logs = docker.containers.logs('c', { follow: true }, { signal })
    return streamOf(logs, () => logs.lines())
  },
  events: (docker, signal) => streamOf(docker.system.events({}, { signal })),
  watch: (docker, signal) => {
    const watch = docker.system.watch({}, { signal })
    return streamOf(watch, () => behindFirst(watch)) // which is the word that all is to be listed
  },
  stats: (docker, signal) => streamOf(docker.containers.stats('c', {}, { signal })),
  attach: async (docker, signal) => streamOf(await docker.containers.attach('c', {}, { signal })),
  'attach by WebSocket': async (docker, signal) =>
    streamOf(await docker.containers.attachWebsocket('c', {}, { signal })),
  exec: async (docker, signal) => streamOf(await docker.exec.start('e', {}, { signal })),
  'lines of exec': async (docker, signal) => {
    const session = await docker.exec.start('e', {}, { signal })
    return streamOf(session, () => session.lines())
  },
  pull: (docker, signal) => streamOf(docker.images.pull('a/b:c', {}, { signal })),
  push: (docker, signal) => streamOf(docker.images.push('a/b', {}, { signal })),
  build: (docker, signal) => streamOf(docker.images.build([{ name: 'Dockerfile', content: 'FROM a' }], {}, { signal })),
  load: (docker, signal) => streamOf(docker.images.load(Buffer.from('x'), {}, { signal })),
  archive: (docker, signal) => streamOf(docker.containers.archive('c', { path: '/' }, { signal })),
  export: (docker, signal) => streamOf(docker.containers.export('c', { signal })),
  save: (docker, signal) => streamOf(docker.images.save('a', {}, { signal })),
  'entries of an archive': (docker, signal) => {
    const archive = docker.containers.archive('c', { path: '/' }, { signal })
    return streamOf(archive, () => archive.entries())
  },
}

function behindFirst(stream: AsyncGenerator): AsyncGenerator {
  const first = stream.next()
  const next = stream.next.bind(stream)
  const behind = async (): Promise<IteratorResult<unknown>> => {
    await first
    return next()
  }
  return Object.assign(stream, { next: behind })
}

for (const [kind, open] of Object.entries(KINDS)) {
  test(`${kind}: every way of leaving ends the connection while the engine is silent`, async () => {
    await using daemon = await silentDaemon()
    await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
    for (const [way, leave] of Object.entries(WAYS)) {
      const controller = new AbortController()
      await within(
        `${kind}, ${way}`,
        Promise.resolve(open(docker, controller.signal)).then((it) => leave(it, controller)),
      )
      // One may be kept for short calls.
      await until(`the connection of ${kind} is closed after ${way}`, () => daemon.open.size <= 1)
    }
  })
}

// A way that hangs is told by its name.
async function within(what: string, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs: ${what}`)), 5000)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

test('the content of an entry can be left while it waits', async () => {
  await using daemon = await silentDaemon()
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  const entries = docker.containers.archive('c', { path: '/' }).entries()
  await entries.next()
  const second = await entries.next()
  const content = second.value?.content[Symbol.asyncIterator]()
  await content?.next()
  const waiting = content?.next()
  await within('the content', Promise.resolve(content?.return?.()))
  assert.equal((await waiting)?.done, true)
  await entries.return()
  await until('the connection is closed', () => daemon.open.size === 0)
})

test('a pull that is left while it looks for the image before asks for nothing more', async () => {
  await using daemon = await rawDaemon((socket) => void socket.resume()) // never answers
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  const pull = docker.images.pull('a/b:c')
  const iterator = pull[Symbol.asyncIterator]()
  const waiting = iterator.next()
  await until('it asks', () => daemon.open.size === 1)
  await iterator.return?.()
  assert.equal((await waiting).done, true)
  await until('the connection is closed', () => daemon.open.size === 0)
  await assert.rejects(Promise.resolve(pull), (error) => hasCode(error, 'ABORTED'))
})

test('a target that is closed ends the writing of a silent log', async () => {
  await using daemon = await silentDaemon()
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  const stdout = new PassThrough()
  const writing = docker.containers.logs('c', { follow: true }).writeTo({ stdout })
  await new Promise((resolve) => stdout.once('data', resolve))
  stdout.destroy()
  await assert.rejects(writing, (error) => hasCode(error, 'ABORTED'))
  await until('the connection is closed', () => daemon.open.size === 0)
})

test('an abort ends the writing to a target that takes nothing', async () => {
  await using daemon = await silentDaemon()
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  const controller = new AbortController()
  const stuck = new PassThrough({ highWaterMark: 1 })
  const { writable, asked } = blocked(stuck)
  const logs = docker.containers.logs('c', { follow: true }, { signal: controller.signal })
  const writing = logs.writeTo({ stdout: writable })
  await asked
  controller.abort()
  await assert.rejects(writing, (error) => hasCode(error, 'ABORTED'))
})

function blocked(stream: PassThrough): { writable: PassThrough; asked: Promise<void> } {
  let ask!: () => void
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  stream._transform = () => ask() // never calls back
  return { writable: stream, asked }
}
