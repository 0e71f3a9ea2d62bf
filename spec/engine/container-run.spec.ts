import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isNotFound } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { httpDaemon } from '../support/daemon.ts'

test('a wait is armed when the engine has answered, and done when the container is', async () => {
  let finish: (() => void) | undefined
  await using daemon = await httpDaemon((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders()
    finish = () => void response.end('{"StatusCode":7,"Error":null}')
  })
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  const exit = docker.containers.wait('c', { condition: 'next-exit' })
  assert.equal(await exit.armed, undefined)
  assert.equal(await Promise.race([exit, Promise.resolve('waiting')]), 'waiting')
  finish?.()
  assert.deepEqual(await exit, { StatusCode: 7, Error: undefined })
})

test('a wait that is refused says so to who waits for either', async () => {
  await using daemon = await httpDaemon((_, response) => void response.writeHead(404).end('{"message":"none"}'))
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44' })
  const exit = docker.containers.wait('c')
  await assert.rejects(exit.armed, isNotFound)
  await assert.rejects(exit, isNotFound)
  await assert.rejects(docker.containers.wait('c'), isNotFound)
})

test('sixteen waits and a stop that lasts do not hold up a short call', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url?.endsWith('/info') === true) response.end('{}')
  })
  await using docker = await connect({ host: daemon.host, apiVersion: '1.44', validate: 'off' })
  const controller = new AbortController()
  const call = { signal: controller.signal }
  const pending = [
    ...Array.from({ length: 16 }, () => docker.containers.wait('c', {}, call)),
    docker.containers.stop('c', {}, call),
  ].map((promise) => promise.catch(() => 'aborted'))
  assert.deepEqual(await docker.info(), {})
  controller.abort()
  assert.deepEqual(new Set(await Promise.all(pending)), new Set(['aborted']))
})
