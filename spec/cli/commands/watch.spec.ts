import assert from 'node:assert/strict'
import { test } from 'node:test'

import { watchCommand } from '../../../lib/cli/commands/watch.ts'
import { modelEngine } from '../../../lib/testing/model/index.ts'
import type { Tick } from '../../../lib/refresh/watch/tick.ts'
import { serveImages, type ImageRegistry } from '../../support/image-registry.ts'
import { testSession, type TestSession } from '../../support/session.ts'
import { until } from '../../support/until.ts'
import { image } from '../../support/watching.ts'

const ENV = { DOCKER_CONFIG: '/nonexistent' }
const FLAGS = { namePrefix: 'ws-', stableFor: 0.1 }

async function scene(registry: ImageRegistry) {
  registry.push('acme/app:latest', image('1'))
  const ref = `${registry.host}/acme/app:latest`
  const ran: string[] = []
  const exec = (argv: readonly string[]) => {
    ran.push(argv.join(' '))
    return { exitCode: 0 }
  }
  const engine = modelEngine({
    images: { [ref]: { ...image('1'), behaviour: { exec } } },
    containers: [{ name: 'ws-app', Image: ref, Labels: { 'dockline.hook.pre-stop': 'drain' } }],
    registries: [registry.host],
  })
  const listening = await engine.listen()
  return {
    version: () => engine.containers()[0]?.labels['version'],
    host: listening.host,
    ran,
    [Symbol.asyncDispose]: () => engine.close(),
  }
}

const ticks = (session: TestSession): Tick[] =>
  session
    .printed()
    .stdout.split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Tick)

test('watch --once refreshes what is behind, prints the tick and ends', async () => {
  await using registry = await serveImages()
  await using made = await scene(registry)
  const first = testSession(ENV)
  assert.equal(await watchCommand(first, { ...FLAGS, host: made.host, once: true, json: true }), 0)
  assert.deepEqual(
    ticks(first)[0]?.images.map(({ verdict }) => verdict),
    ['current'],
  )

  registry.push('acme/app:latest', image('2'))
  const second = testSession(ENV)
  assert.equal(await watchCommand(second, { ...FLAGS, host: made.host, once: true, json: true }), 0)
  assert.deepEqual(ticks(second)[0]?.report?.recreated, ['ws-app'])
  assert.equal(made.version(), '2')
  assert.deepEqual(made.ran, [], 'labels alone run nothing')
})

test('watch --hooks runs the commands of the labels', async () => {
  await using registry = await serveImages()
  await using made = await scene(registry)
  registry.push('acme/app:latest', image('2'))
  assert.equal(await watchCommand(testSession(ENV), { ...FLAGS, host: made.host, once: true, hooks: true }), 0)
  assert.deepEqual(made.ran, ['/bin/sh -c drain'])
})

test('watch --once is exit 1 when a registry does not answer, and says why', async () => {
  await using registry = await serveImages({ admits: () => false, challenge: (origin) => `Basic realm="${origin}"` })
  await using made = await scene(registry)
  const session = testSession(ENV)
  assert.equal(await watchCommand(session, { ...FLAGS, host: made.host, once: true }), 1)
  assert.match(session.printed().stderr, /digest fetch failed: .*401/)
})

test('watch goes on until a signal ends it with exit 0, listening to the engine', async () => {
  await using registry = await serveImages()
  await using made = await scene(registry)
  registry.push('acme/app:latest', image('2'))
  const stop = new AbortController()
  const session = testSession(ENV, stop.signal)
  const running = watchCommand(session, { ...FLAGS, host: made.host, json: true })
  await until('the first tick is printed', () => ticks(session).length > 0)
  stop.abort(new Error('SIGTERM'))
  assert.equal(await running, 0)
  assert.equal(made.version(), '2')
  const { stderr } = session.printed()
  assert.match(stderr, /^image-auto-refresh: started \(interval=5m0s, images=those of the containers\)\n/)
  assert.match(stderr, /workspace-images\/refresh: pulled=1 failed=0 recreated=1/)
  assert.match(stderr, /image-auto-refresh: stopping \(SIGTERM\)\n$/)
  assert.ok(!stderr.includes('no events'))
})

test('a window that cannot be read is refused before the engine is asked', async () => {
  await assert.rejects(watchCommand(testSession(ENV), { ...FLAGS, window: ['always'], host: 'unix:///nonexistent' }), {
    code: 'INPUT_INVALID',
  })
})
