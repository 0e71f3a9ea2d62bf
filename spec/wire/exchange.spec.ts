import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'

import { DockerError, hasCode } from '../../lib/base/errors.ts'
import { Exchange, type ExchangeOptions } from '../../lib/wire/exchange.ts'
import { bytes, collect } from '../support/bytes.ts'

// What undici's side would see: whether it was told to pause.
class Controller {
  paused = false
  pauses = 0
  aborted = false
  reason = null
  pause(): void {
    this.pauses++
    this.paused = true
  }
  onResume = (): void => {}
  resume(): void {
    this.paused = false
    this.onResume()
  }
  abort(): void {}
}

function fail(cause: unknown): DockerError {
  return cause instanceof DockerError ? cause : new DockerError('CONNECTION_LOST', String(cause), { cause })
}

interface Setup {
  readonly exchange: Exchange
  readonly controller: Controller
  readonly ends: boolean[]
}

function setup(options: Partial<ExchangeOptions> = {}): Setup {
  const ends: boolean[] = []
  const exchange = new Exchange({ fail, onEnd: (reusable) => ends.push(reusable), ...options })
  const controller = new Controller()
  exchange.onRequestStart(controller)
  return { exchange, controller, ends }
}

function start({ exchange, controller }: Setup, status = 200): void {
  exchange.onResponseStart(controller, status, { 'x-a': ['1', '2'], 'x-b': 'c' })
}

function data({ exchange, controller }: Setup, chunk: string | Uint8Array): void {
  exchange.onResponseData(controller, Buffer.from(chunk))
}

test('a response comes with its headers joined, and its body chunk by chunk to a reader that waits', async () => {
  const it = setup()
  start(it)
  const { status, headers, body } = await it.exchange.response
  assert.deepEqual([status, headers], [200, { 'x-a': '1, 2', 'x-b': 'c' }])
  const iterator = body[Symbol.asyncIterator]()
  for (const text of ['a', 'b']) {
    const reading = iterator.next()
    data(it, text)
    assert.equal(String((await reading).value), text)
  }
  const last = iterator.next()
  it.exchange.onResponseEnd()
  assert.deepEqual(await last, { done: true, value: undefined })
  assert.deepEqual(it.ends, [true])
})

test('what comes before it is read is kept, joined, and given before the end', async () => {
  const it = setup()
  start(it)
  data(it, 'ab')
  data(it, 'cd')
  it.exchange.onResponseEnd()
  const { body } = await it.exchange.response
  const { values } = await collect(body)
  assert.deepEqual(
    values.map((value) => Buffer.from(value).toString()),
    ['abcd'],
  )
})

test('a reader that is slow stops the socket at a bound, and starts it again when it reads', async () => {
  const it = setup()
  start(it)
  const chunk = new Uint8Array(65_536)
  let sent = 0
  while (!it.controller.paused && sent < 100) {
    data(it, chunk)
    sent++
  }
  assert.equal(sent, 5)
  const iterator = (await it.exchange.response).body[Symbol.asyncIterator]()
  assert.equal(((await iterator.next()).value as Uint8Array).length, 5 * chunk.length)
  assert.equal(it.controller.paused, false)
})

test('what comes at once when the socket starts again counts too', async () => {
  const it = setup()
  start(it)
  const flood = (): void => data(it, new Uint8Array(300_000))
  flood()
  it.controller.onResume = flood
  const iterator = (await it.exchange.response).body[Symbol.asyncIterator]()
  for (let i = 0; i < 3; i++) {
    assert.equal(it.controller.paused, true)
    assert.equal(((await iterator.next()).value as Uint8Array).length, 300_000)
  }
})

test('an informational status is passed over', async () => {
  const it = setup()
  start(it, 103)
  start(it, 204)
  assert.equal((await it.exchange.response).status, 204)
})

test('a connection that is lost rejects the response, or comes after what has arrived', async () => {
  const before = setup()
  before.exchange.onResponseError(before.controller, new Error('gone'))
  await assert.rejects(before.exchange.response, (error) => hasCode(error, 'CONNECTION_LOST'))
  const inside = setup()
  start(inside)
  data(inside, 'ab')
  inside.exchange.onResponseError(inside.controller, new Error('gone'))
  const { values, error } = await collect((await inside.exchange.response).body)
  assert.deepEqual([values.length, hasCode(error, 'CONNECTION_LOST')], [1, true])
  assert.deepEqual([before.ends, inside.ends], [[false], [false]])
})

test('a signal rejects the response, or ends the body at once, whatever has arrived', async () => {
  const controller = new AbortController()
  const before = setup({ signal: controller.signal })
  const inside = setup({ signal: controller.signal })
  start(inside)
  data(inside, 'ab')
  controller.abort(new DockerError('ABORTED', 'enough'))
  await assert.rejects(before.exchange.response, /enough/)
  const { values, error } = await collect((await inside.exchange.response).body)
  assert.deepEqual([values.length, hasCode(error, 'ABORTED')], [0, true])
  assert.deepEqual([before.ends, inside.ends], [[false], [false]])
})

test('a signal after the end changes nothing', async () => {
  const controller = new AbortController()
  const it = setup({ signal: controller.signal })
  start(it)
  data(it, 'ab')
  it.exchange.onResponseEnd()
  controller.abort()
  assert.equal((await collect((await it.exchange.response).body)).error, undefined)
  assert.deepEqual(it.ends, [true])
})

test('leaving a body ends a read that waits, drops what comes late, and does not let the connection be used again', async () => {
  const it = setup()
  start(it)
  const { body } = await it.exchange.response
  const iterator = body[Symbol.asyncIterator]()
  const reading = iterator.next()
  body.cancel()
  body.cancel()
  assert.deepEqual(await reading, { done: true, value: undefined })
  data(it, 'late')
  it.exchange.onResponseEnd()
  assert.deepEqual(await iterator.next(), { done: true, value: undefined })
  assert.deepEqual(it.ends, [false])
})

test('a body that was read to its end may be left without harm', async () => {
  const it = setup()
  start(it)
  it.exchange.onResponseEnd()
  const { body } = await it.exchange.response
  await collect(body)
  body.cancel()
  assert.deepEqual(it.ends, [true])
})

test('two reads at once are refused, not forgotten', async () => {
  const it = setup()
  start(it)
  const iterator = (await it.exchange.response).body[Symbol.asyncIterator]()
  const first = iterator.next()
  await assert.rejects(iterator.next(), (error) => hasCode(error, 'INPUT_INVALID'))
  data(it, 'a')
  assert.equal(String((await first).value), 'a')
})

test('an upgrade hands out the socket, with an empty body, and ends when the socket closes', async () => {
  const it = setup()
  const socket = new PassThrough()
  it.exchange.onRequestUpgrade(it.controller, 101, { upgrade: 'tcp' }, socket)
  const response = await it.exchange.response
  assert.deepEqual([response.status, response.socket === socket], [101, true])
  assert.deepEqual(await collect(response.body), { values: [], error: undefined })
  response.body.cancel()
  assert.deepEqual([it.ends, socket.destroyed], [[], false])
  socket.destroy()
  await new Promise((resolve) => socket.once('close', resolve))
  assert.deepEqual(it.ends, [false])
})

test('a signal destroys the socket of an upgrade, without a listener of its own to be needed', async () => {
  const controller = new AbortController()
  const it = setup({ signal: controller.signal })
  const socket = new PassThrough()
  it.exchange.onRequestUpgrade(it.controller, 101, {}, socket)
  await it.exchange.response
  controller.abort(new Error('enough'))
  assert.equal(socket.destroyed, true)
  socket.write(bytes('late'))
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(it.ends, [false])
})
