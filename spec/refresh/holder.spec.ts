import assert from 'node:assert/strict'
import { test } from 'node:test'

import { containerProcesses, holderState } from '../../lib/refresh/holder.ts'
import { ID } from '../support/container.ts'
import { APP, setStage } from '../support/stage.ts'

const elsewhere = { self: async () => 'boot/ns/1/5', state: async () => 'unknown' as const }

test('an identity in a container tells the container', async () => {
  assert.equal(await containerProcesses(elsewhere, ID).self(), `boot/ns/1/5/${ID}`)
})

test('who was in this very container and cannot be seen is dead, of others nothing is known', async () => {
  const processes = containerProcesses(elsewhere, ID)
  const state = (identity: string): Promise<string> => processes.state(identity)
  assert.equal(await state(`boot/other/1/5/${ID}`), 'dead')
  assert.equal(await state(`boot/other/1/5/${'d'.repeat(64)}`), 'unknown')
  assert.equal(await state('boot/other/1/5'), 'unknown')
})

test('what the processes themselves tell counts more', async () => {
  const processes = { ...elsewhere, state: async () => 'alive' as const }
  assert.equal(await containerProcesses(processes, ID).state(`boot/other/1/5/${ID}`), 'alive')
})

test('nothing lives in a container that does not run, and a helper that runs goes on', async () => {
  const stage = await setStage({
    containers: [
      { name: 'ended', Image: APP, running: false },
      { name: 'runs', Image: APP },
      { name: 'helper', Image: APP, Labels: { 'dockline.helper': 'op' } },
    ],
  })
  const look = (name: string): Promise<string> =>
    holderState({ engine: stage.docker, processes: elsewhere }, `boot/x/1/5/${stage.container(name)?.id}`)
  assert.deepEqual(await Promise.all(['ended', 'runs', 'helper'].map(look)), ['dead', 'unknown', 'alive'])
  const gone = await holderState({ engine: stage.docker, processes: elsewhere }, `boot/x/1/5/${ID}`)
  assert.equal(gone, 'unknown', 'it may be a container of another engine')
})
