import assert from 'node:assert/strict'
import { test } from 'node:test'

import { RUNTIMES, type RefreshReport } from '../../lib/refresh/index.ts'
import { parseReference } from '../../lib/base/reference.ts'
import { quarantineName } from '../../lib/refresh/quarantine.ts'
import type { Failure } from '../../lib/server/schema/failure.ts'
import type { JobRecord } from '../../lib/server/schema/job.ts'
import { RUNTIME_IMAGE, gate, imageIdOf } from '../support/refresh-world.ts'
import { REFRESH, serviceWorld } from '../support/service.ts'

const report = async (response: Response): Promise<RefreshReport> => (await response.json()) as RefreshReport
const failure = async (response: Response): Promise<Failure> => (await response.json()) as Failure

test('200: all runtimes are pulled in their order, the outdated container is moved, the three lists are there', async () => {
  const { ask, world } = serviceWorld()
  const response = await ask('POST', REFRESH)
  assert.equal(response.status, 200)
  const { pulled, failed, recreated } = await report(response)
  assert.deepEqual(pulled, RUNTIMES)
  assert.deepEqual(failed, [])
  assert.deepEqual(recreated, ['ws-1'])
  assert.ok(world.changes.includes('remove ws-1'))
})

test('200 again: nothing is left to do, and the three lists are still there', async () => {
  const { ask } = serviceWorld()
  await ask('POST', REFRESH)
  const response = await ask('POST', `${REFRESH}?runtime=hermes`)
  assert.equal(response.status, 200)
  const { pulled, failed, recreated } = await report(response)
  assert.deepEqual({ pulled, failed, recreated }, { pulled: ['hermes'], failed: [], recreated: [] })
})

test('207: one image cannot be pulled, the others are', async () => {
  const { ask, world } = serviceWorld()
  world.registry.delete(RUNTIME_IMAGE('crewai'))
  const response = await ask('POST', REFRESH)
  assert.equal(response.status, 207)
  const { pulled, failed, images } = await report(response)
  assert.deepEqual(failed, ['crewai'])
  assert.equal(pulled.length, 7)
  assert.equal(images.find(({ target }) => target === 'crewai')?.error?.code, 'NOT_FOUND')
})

test('207: a container cannot be moved', async () => {
  const { ask, world } = serviceWorld()
  world.stubborn.add('ws-1')
  const response = await ask('POST', REFRESH)
  assert.equal(response.status, 207)
  const { recreated, containers } = await report(response)
  assert.deepEqual(recreated, [])
  assert.deepEqual(containers[0]?.outcome, 'failed')
})

test('502: every pull failed', async () => {
  const { ask, world } = serviceWorld()
  world.registry.clear()
  const response = await ask('POST', REFRESH)
  assert.equal(response.status, 502)
  assert.deepEqual((await report(response)).failed, RUNTIMES)
})

test('500: the engine fails in the middle; what was done until then is in partial_result', async () => {
  const { ask, world } = serviceWorld()
  world.listFails = true
  const response = await ask('POST', REFRESH)
  assert.equal(response.status, 500)
  const { error, code, partial_result } = await failure(response)
  assert.match(error, /500/)
  assert.equal(code, 'ENGINE_ERROR')
  const { pulled, failed, recreated } = partial_result as NonNullable<Failure['partial_result']>
  assert.deepEqual({ pulled, failed, recreated }, { pulled: [], failed: [], recreated: [] })
})

test('503: the engine cannot be reached', async () => {
  const { ask, world } = serviceWorld()
  world.away = true
  const response = await ask('POST', REFRESH)
  assert.equal(response.status, 503)
  assert.equal((await failure(response)).code, 'ENGINE_UNREACHABLE')
})

test('409: another refresh runs, its job is named; nothing is pulled twice', async () => {
  const { ask, world } = serviceWorld()
  const { open } = gate(world)
  const first = ask('POST', `${REFRESH}?runtime=hermes`)
  await world.pulling()
  const second = await ask('POST', REFRESH)
  assert.equal(second.status, 409)
  const { error, job } = await failure(second)
  assert.match(error, /another refresh is running/)
  open()
  assert.equal((await first).headers.get('dockline-job'), job)
  assert.deepEqual(
    world.changes.filter((change) => change.startsWith('pull')),
    [`pull ${RUNTIME_IMAGE('hermes')}`],
  )
})

test('join=true waits for the refresh that runs and answers with its result', async () => {
  const { ask, world } = serviceWorld()
  const { open } = gate(world)
  const first = ask('POST', `${REFRESH}?runtime=hermes`)
  await world.pulling()
  const second = ask('POST', `${REFRESH}?join=true`)
  open()
  const [a, b] = [await first, await second]
  assert.deepEqual([a.status, b.status], [200, 200])
  assert.equal(a.headers.get('dockline-job'), b.headers.get('dockline-job'))
  assert.equal(await a.text(), await b.text())
})

test('an image that was rolled back is tried again with retry=true and not without', async () => {
  const { ask, world } = serviceWorld()
  const failed = imageIdOf('hermes-new')
  world.images.set(quarantineName(parseReference(RUNTIME_IMAGE('hermes')), failed), failed)
  const [container] = (await report(await ask('POST', `${REFRESH}?runtime=hermes`))).containers
  assert.deepEqual([container?.outcome, container?.reason?.includes('retry=true')], ['skipped', true])
  assert.deepEqual((await report(await ask('POST', `${REFRESH}?runtime=hermes&retry=true`))).recreated, ['ws-1'])
  assert.equal((await ask('POST', `${REFRESH}?retry=yes`)).status, 400)
})

test('a plan needs no turn: it answers while a refresh runs, and changes nothing', async () => {
  const { ask, world } = serviceWorld()
  const { open } = gate(world)
  const first = ask('POST', `${REFRESH}?runtime=hermes`)
  await world.pulling()
  const plan = await ask('POST', `${REFRESH}?dryRun=true`)
  assert.equal(plan.status, 200)
  const { dryRun, recreated, containers } = await report(plan)
  assert.deepEqual({ dryRun, recreated, containers: containers.length }, { dryRun: true, recreated: [], containers: 1 })
  assert.equal(world.changes.length, 1)
  open()
  await first
})

test('a plan says what the registry has and the engine has not, and whom a refresh would move to it', async () => {
  const { ask, world } = serviceWorld()
  const plan = await report(await ask('POST', `${REFRESH}?runtime=hermes&dryRun=true`))
  assert.deepEqual(
    plan.images.map(({ outcome, before, after, digest }) => ({ outcome, before, after, digest })),
    [{ outcome: 'updated', before: imageIdOf('hermes-old'), after: null, digest: imageIdOf('hermes-new') }],
  )
  assert.deepEqual(
    plan.containers.map(({ name, outcome }) => [name, outcome]),
    [['ws-1', 'removed']],
  )
  assert.deepEqual(world.changes, [])
})

test('recreate=false pulls only', async () => {
  const { ask, world } = serviceWorld()
  const response = await ask('POST', `${REFRESH}?runtime=hermes&recreate=false`)
  assert.equal(response.status, 200)
  assert.deepEqual((await report(response)).recreated, [])
  assert.deepEqual(world.changes, [`pull ${RUNTIME_IMAGE('hermes')}`])
})

test('wait=false answers 202 with the job at once, and the job can be asked for', async () => {
  const { ask, world } = serviceWorld()
  const { open } = gate(world)
  const response = await ask('POST', `${REFRESH}?runtime=hermes&wait=false`)
  assert.equal(response.status, 202)
  const { id, state } = (await response.json()) as JobRecord
  assert.equal(state, 'running')
  assert.equal(response.headers.get('location'), `/admin/jobs/${id}`)
  open()
  const text = await (await ask('GET', `/admin/jobs/${id}`, { accept: 'application/x-ndjson' })).text()
  const lines = text.trim().split('\n')
  const { job } = JSON.parse(lines.at(-1) as string) as { job: JobRecord }
  assert.deepEqual([job.state, job.status, job.report?.recreated], ['ended', 200, ['ws-1']])
})

test('an Idempotency-Key makes a repeated request the same job, also after its end; for another request it is refused', async () => {
  const { ask, world } = serviceWorld()
  const key = { 'idempotency-key': 'release-7' }
  const first = await ask('POST', `${REFRESH}?runtime=hermes`, key)
  const second = await ask('POST', `${REFRESH}?runtime=hermes`, key)
  assert.equal(second.headers.get('dockline-job'), first.headers.get('dockline-job'))
  assert.equal(await second.text(), await first.text())
  assert.equal(world.changes.filter((change) => change.startsWith('pull')).length, 1)
  const other = await ask('POST', `${REFRESH}?runtime=crewai`, key)
  assert.equal(other.status, 400)
})

test('100 requests at once make one refresh: one is answered 200, the others 409', async () => {
  const { ask, world } = serviceWorld()
  const responses = await Promise.all(Array.from({ length: 100 }, () => ask('POST', `${REFRESH}?runtime=hermes`)))
  const statuses = responses.map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 200).length, 1)
  assert.equal(statuses.filter((status) => status === 409).length, 99)
  assert.equal(world.changes.filter((change) => change.startsWith('pull')).length, 1)
})

test('a body is refused: parameters that nobody reads would refresh everything', async () => {
  const { service } = serviceWorld()
  const request = new Request(`http://127.0.0.1${REFRESH}`, {
    method: 'POST',
    headers: { host: '127.0.0.1', authorization: 'Bearer a-token-that-is-long-enough' },
    body: '{"runtime":"hermes"}',
  })
  assert.equal((await service.fetch(request)).status, 400)
})

test('jobs are listed newest first and the oldest of more than 50 are forgotten', async () => {
  const { ask } = serviceWorld()
  for (let i = 0; i < 53; i++) await ask('POST', `${REFRESH}?runtime=hermes&dryRun=true`)
  const last = await ask('POST', `${REFRESH}?runtime=hermes`)
  const { jobs } = (await (await ask('GET', '/admin/jobs')).json()) as { jobs: JobRecord[] }
  assert.equal(jobs.length, 50)
  assert.equal(jobs[0]?.id, last.headers.get('dockline-job'))
  assert.equal((await ask('GET', '/admin/jobs/0123456789abcdef')).status, 404)
})

test('stop ends the refresh at a safe point: its client gets 503 with the report, and new ones are refused', async () => {
  const { ask, world, service } = serviceWorld()
  gate(world)
  const first = ask('POST', `${REFRESH}?runtime=hermes`)
  await world.pulling()
  assert.equal(await service.stop(5000), true)
  const stopped = await first
  assert.equal(stopped.status, 503)
  assert.equal((await report(stopped)).interrupted, true)
  assert.ok(world.containers.has('ws-1'))
  const refused = await ask('POST', REFRESH)
  assert.equal(refused.status, 503)
  assert.equal((await failure(refused)).code, 'ABORTED')
})

test('a strategy of the request wins over the one of the service', async () => {
  const { ask, world } = serviceWorld()
  world.images.set(RUNTIME_IMAGE('hermes'), imageIdOf('hermes-new'))
  const response = await ask('POST', `${REFRESH}?runtime=hermes&dryRun=true&strategy=replace`)
  assert.equal((await report(response)).containers[0]?.outcome, 'replaced')
})
