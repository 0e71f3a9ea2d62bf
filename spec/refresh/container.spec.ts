import assert from 'node:assert/strict'
import { test } from 'node:test'

import { findCandidates } from '../../lib/refresh/candidates.ts'
import { listAll, see } from '../../lib/refresh/container.ts'
import { recover } from '../../lib/refresh/recover.ts'
import { APP, leaveHalfDone, setStage, type Stage } from '../support/stage.ts'

const ONE = [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }]

/** Lets the first `times` reads of a kind fail, as those of podman 4 do while a container ends. */
function failReads({ model }: Stage, path: RegExp, times: number): void {
  let left = times
  model.faults = (call) =>
    call.method === 'GET' && path.test(call.path) && left-- > 0 ? { kind: 'before', action: 'error' } : undefined
}

test('a list that is answered by 500 once is asked for again', async () => {
  const stage = await setStage({ containers: ONE })
  failReads(stage, /\/containers\/json$/, 2)
  assert.equal((await listAll(stage.docker)).length, 1)
  failReads(stage, /\/containers\/json$/, 1)
  assert.equal((await findCandidates(stage.docker, { all: true })).length, 1)
})

test('an inspect that is answered by 500 once is asked for again', async () => {
  const stage = await setStage({ containers: ONE })
  failReads(stage, /\/containers\/ws-1\/json$/, 2)
  assert.equal((await see(stage.docker, 'ws-1'))?.name, 'ws-1')
})

test('a read that goes on to fail is asked for three times, and its error is given', async () => {
  const stage = await setStage({ containers: ONE })
  failReads(stage, /\/json$/, 1000)
  await assert.rejects(listAll(stage.docker), { code: 'ENGINE_ERROR' })
  await assert.rejects(see(stage.docker, 'ws-1'), { code: 'ENGINE_ERROR' })
  const reads = stage.model.calls
    .map(({ path }) => path.replace(/^\/v[\d.]+/, ''))
    .filter((path) => path.endsWith('/json'))
  assert.deepEqual(reads, [...Array(3).fill('/containers/json'), ...Array(3).fill('/containers/ws-1/json')])
})

test('a recovery is not ended by a list that fails once', async () => {
  const stage = await setStage({ containers: ONE })
  await leaveHalfDone(stage, 'ws-1', 'parked')
  failReads(stage, /\/containers\/json$/, 1)
  const [one] = await recover({ ...stage.ports, gate: { stableFor: 1000 } })
  assert.equal(one?.outcome, 'rolled-back')
})
