import assert from 'node:assert/strict'
import { test } from 'node:test'

import { formatReference } from '../../lib/base/reference.ts'
import { findCandidates, targetsOf } from '../../lib/refresh/candidates.ts'
import { APP, setStage, version, withCalls } from '../support/stage.ts'

test('containers of any state are found, with the reference they were made from although its tag has moved', async () => {
  const stage = await setStage({
    containers: [
      { name: 'ws-1', Image: APP },
      { name: 'ws-2', Image: APP, running: false },
      { name: 'other', Image: APP },
    ],
  })
  stage.model.publish(APP, version(2))
  await stage.docker.images.pull(APP)
  const found = await findCandidates(stage.docker, { namePrefix: 'ws-' })
  assert.deepEqual(
    found.map(({ seen, ref }) => `${seen.name} ${ref === undefined ? 'none' : formatReference(ref)}`).toSorted(),
    [`ws-1 ${APP}`, `ws-2 ${APP}`],
  )
  assert.deepEqual(
    targetsOf(found).map(({ label }) => label),
    [APP],
    'each reference once',
  )
})

test('a container made from an image id has no reference, and one that vanishes meanwhile is no candidate', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  const { Image } = await stage.docker.containers.inspect('ws-1')
  const { Id } = await stage.docker.containers.create({ Image }, { name: 'ws-2' })
  const found = await findCandidates(stage.docker, { names: ['ws-2'] })
  assert.deepEqual(
    found.map(({ ref }) => ref),
    [undefined],
  )
  const { containers } = stage.docker
  const engine = withCalls(stage, {
    list: async () => {
      const listed = await containers.list({ all: true })
      await containers.remove(Id)
      return listed
    },
  })
  const left = await findCandidates(engine, { all: true })
  assert.deepEqual(
    left.map(({ seen }) => seen.name),
    ['ws-1'],
  )
})
