import assert from 'node:assert/strict'
import { test } from 'node:test'

import { replace } from '../../lib/refresh/replace.ts'
import type { Replacement } from '../../lib/refresh/replacement.ts'
import { APP, setStage, version, type Stage } from '../support/stage.ts'

/** Moves a container to version 2, which is published first. */
async function moved(
  stage: Stage,
  name: string,
  options: { id?: string; allowNoRollback?: boolean; signal?: AbortSignal } = {},
): Promise<Replacement> {
  stage.model.publish(APP, version(2))
  const { id: imageId } = await stage.docker.images.pull(APP)
  const wish = { id: options.id ?? stage.container(name)?.id ?? '', name, imageId }
  const context = { ...stage.ports, gate: { stableFor: 1000 }, holder: 'me', ...options }
  const [replacement] = await replace(context, [wish])
  return replacement as Replacement
}

const env = async (stage: Stage, name: string): Promise<string[]> =>
  (await stage.docker.containers.inspect(name)).Config.Env

test('a container that is gone is skipped, and another whose id begins like its name is left alone', async () => {
  const stage = await setStage({ containers: [{ name: 'other', Image: APP }] })
  const other = stage.container('other')?.id ?? ''
  const replacement = await moved(stage, other.slice(0, 8), { id: 'f'.repeat(64) })
  assert.deepEqual([replacement.outcome, replacement.reason], ['skipped', 'it is gone'])
  assert.equal(stage.container('other')?.id, other)
})

test('a container that was made anew under its name since it was listed is the one that is moved', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  const replacement = await moved(stage, 'ws-1', { id: 'f'.repeat(64) })
  assert.equal(replacement.outcome, 'replaced')
  assert.deepEqual(await env(stage, 'ws-1'), ['VERSION=2'])
})

const REMOVES_ITSELF = { HostConfig: { AutoRemove: true } }

test('a --rm container that runs is moved with the word of the operator, and refused without', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP, ...REMOVES_ITSELF }] })
  const refused = await moved(stage, 'ws-1')
  assert.equal(refused.outcome, 'skipped')
  assert.match(refused.reason ?? '', /--allow-no-rollback/)
  const replacement = await moved(stage, 'ws-1', { allowNoRollback: true })
  assert.equal(replacement.outcome, 'replaced')
  assert.deepEqual(stage.names(), ['ws-1'])
  assert.deepEqual(await env(stage, 'ws-1'), ['VERSION=2'])
})

test('a --rm container that was never started is moved and not lost: nothing stops it, so it does not go by itself', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP, running: false, ...REMOVES_ITSELF }] })
  const replacement = await moved(stage, 'ws-1', { allowNoRollback: true })
  assert.deepEqual(stage.names(), ['ws-1'])
  assert.equal(replacement.outcome, 'replaced')
  assert.deepEqual([stage.container('ws-1')?.id, stage.container('ws-1')?.status], [replacement.newId, 'created'])
})

// "cannot update a stopped container": 28.5 takes one for running that has ended just now and will be restarted.
test('a container that keeps crashing is moved also when its engine cannot disarm it between two of its lives', async () => {
  const HostConfig = { RestartPolicy: { Name: 'always' } }
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP, HostConfig }] })
  let refusals = 2
  stage.model.faults = ({ path }) =>
    path.endsWith('/update') && refusals-- > 0 ? { kind: 'before', action: 'error' } : undefined
  const replacement = await moved(stage, 'ws-1')
  assert.deepEqual([replacement.outcome, refusals], ['replaced', -1])
})

test('a container that cannot be disarmed for good is left as it is', async () => {
  const HostConfig = { RestartPolicy: { Name: 'always' } }
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP, HostConfig }] })
  stage.model.faults = ({ path }) => (path.endsWith('/update') ? { kind: 'before', action: 'error' } : undefined)
  const before = stage.container('ws-1')
  const replacement = await moved(stage, 'ws-1')
  assert.equal(replacement.outcome, 'rolled-back')
  assert.deepEqual([stage.names(), stage.container('ws-1')], [['ws-1'], before])
})
