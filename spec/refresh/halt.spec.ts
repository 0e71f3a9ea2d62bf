import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connect } from '../../lib/engine/connect.ts'
import { see } from '../../lib/refresh/container.ts'
import { stopSurely } from '../../lib/refresh/end.ts'
import { halt } from '../../lib/refresh/halt.ts'
import { modelEngine, type ModelEngine, type ProfileName } from '../../lib/testing/model/index.ts'
import { APP, setStage } from '../support/stage.ts'

const NAME = 'app-1'
const IMAGE = 'ghcr.io/acme/app:latest'

const engineOf = (profile: ProfileName): ModelEngine =>
  modelEngine({
    profile,
    images: { [IMAGE]: { config: { Cmd: ['/serve'] } } },
    containers: [{ name: NAME, Image: IMAGE }],
  })

for (const profile of ['20.10', '28', 'podman-4', 'podman'] as const) {
  test(`a paused container of ${profile} is stopped`, async () => {
    await using model = engineOf(profile)
    await using docker = await connect({ host: 'unix:///model', transport: () => model.transport() })
    await docker.containers.pause(NAME)
    await halt(docker.containers, NAME)
    assert.equal(model.containers()[0]?.status, 'exited')
  })
}

test('what stops a container that is not paused is asked once, and its refusal is the caller’s', async () => {
  await using model = engineOf('podman')
  model.faults = ({ path }) => (path.endsWith('/stop') ? { kind: 'before', action: 'error' } : undefined)
  await using docker = await connect({ host: 'unix:///model', transport: () => model.transport() })
  await assert.rejects(halt(docker.containers, NAME))
  assert.equal(model.calls.filter(({ path }) => path.endsWith('/stop')).length, 1)
  assert.equal(model.containers()[0]?.status, 'running')
})

for (const [named, sent] of [
  [undefined, null],
  [3, '3'],
  [0, '0'],
  [-1, null],
] as const) {
  test(`a container that names ${named ?? 'no'} seconds is stopped with ${sent ?? 'none'}`, async () => {
    await using model = engineOf('29')
    await using docker = await connect({ host: 'unix:///model', transport: () => model.transport() })
    await halt(docker.containers, NAME, {}, named)
    assert.equal(model.calls.find(({ path }) => path.endsWith('/stop'))?.query.get('t'), sent)
  })
}

test('the stop of a replacement carries the seconds that the container names', async () => {
  const stage = await setStage({
    profile: '29',
    containers: [
      { name: 'named', Image: APP, StopTimeout: 7 },
      { name: 'unnamed', Image: APP },
    ],
  })
  for (const name of ['named', 'unnamed']) {
    const seen = await see(stage.docker, name)
    assert.ok(seen !== undefined)
    await stopSurely({ engine: stage.docker, clock: stage.clock }, seen)
  }
  const stops = stage.model.calls.filter(({ path }) => path.endsWith('/stop'))
  assert.deepEqual(
    stops.map(({ query }) => query.get('t')),
    ['7', null],
  )
})
