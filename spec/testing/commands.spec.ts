import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'

import { recordCommand, serveReplay } from '../../lib/testing/commands.ts'
import { loadExchanges } from '../../lib/testing/exchange-file.ts'
import { serve } from '../../lib/testing/serve.ts'
import { jsonReply } from '../../lib/testing/served.ts'
import { exchange } from '../support/exchanges.ts'
import { ask } from '../support/raw-http.ts'
import { inDirectory } from '../support/temporary.ts'

// A program that knows nothing of dockline: it asks for the list of containers and exits with 7.
const PROGRAM = `
  const socketPath = process.env.DOCKER_HOST.replace('unix://', '')
  if (process.env.DOCKER_CONTEXT) process.exit(1)
  require('http').get({ socketPath, path: '/containers/json' }, (r) => r.resume().on('end', () => process.exit(7)))
`

test('a program is recorded over DOCKER_HOST, and its exit code is passed on', () =>
  inDirectory(async (dir) => {
    await using engine = await serve(async () => jsonReply(200, []))
    const env = { ...process.env, DOCKER_CONTEXT: 'elsewhere' }
    const command = [process.execPath, '-e', PROGRAM] as const
    const { exitCode, file } = await recordCommand({ target: engine.host, dir, name: 'list', env, command })
    assert.equal(exitCode, 7)
    assert.deepEqual(
      (await loadExchanges(file)).map(({ request }) => `${request.method} ${request.path}`),
      ['GET /containers/json'],
    )
  }))

test('the signal ends the program, and what it asked is written all the same', () =>
  inDirectory(async (dir) => {
    const controller = new AbortController()
    await using engine = await serve(async () => {
      controller.abort()
      return jsonReply(200, [])
    })
    const program = PROGRAM.replace('process.exit(7)', 'setInterval(() => {}, 1000)')
    const { exitCode } = await recordCommand({
      target: engine.host,
      dir,
      command: [process.execPath, '-e', program],
      signal: controller.signal,
    })
    assert.equal(exitCode, 128 + 15)
    assert.deepEqual(await readdir(dir), ['session.json'])
  }))

test('a program that is not there is an error, and nothing is written', () =>
  inDirectory(async (dir) => {
    const options = { target: 'unix:///nowhere', dir, command: ['/no/such/program'] as const }
    await assert.rejects(recordCommand(options), { code: 'ENOENT' })
    assert.deepEqual(await readdir(dir), [])
  }))

test('a recording is served until the signal fires, and then tells what was asked', async () => {
  const controller = new AbortController()
  const served = await serveReplay([exchange('GET /a', []), exchange('GET /b', [])], {
    signal: controller.signal,
    onListening: (host) => {
      void ask(host.replace('unix://', ''), 'GET /a').then(() => controller.abort())
    },
  })
  assert.throws(() => served.verify(), { code: 'REPLAY_MISMATCH', message: /recording:\n- not asked: GET \/b/ })
  await assert.rejects(ask(served.socketPath, 'GET /b'), { code: 'ENOENT' })
})
