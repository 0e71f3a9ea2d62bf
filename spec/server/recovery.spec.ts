// A service whose engine goes away in the middle of a replacement, and comes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Secret } from '../../lib/base/secret.ts'
import type { Recovered } from '../../lib/refresh/index.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import { createRecovery } from '../../lib/server/recovery.ts'
import { createService, type Service } from '../../lib/server/service.ts'
import { manualClock } from '../../lib/testing/model/index.ts'
import { BEARER, REFRESH, TOKEN } from '../support/service.ts'
import { APP, leaveHalfDone, setStage, version, type Stage } from '../support/stage.ts'
import { until } from '../support/until.ts'

async function serviceOf(
  stage: Stage,
): Promise<{ service: Service; ask: (method: string, path: string) => Promise<Response> }> {
  const service = createService({
    // No process works on what is left: the refresh is over.
    ports: { ...stage.ports, processes: { self: async () => 'me', state: async () => 'dead' } },
    setup: { targets: [imageTarget(APP)], selection: { all: true }, gate: { stableFor: 1000 } },
    tokens: [{ name: 'ci', secret: new Secret(TOKEN) }],
  })
  const headers = { host: '127.0.0.1', authorization: BEARER }
  const ask = (method: string, path: string): Promise<Response> =>
    service.fetch(new Request(`http://127.0.0.1${path}`, { method, headers }))
  return { service, ask }
}

const ONE = { containers: [{ name: 'ws-1', Image: APP, HostConfig: { RestartPolicy: { Name: 'always' } } }] }
const worldOf = ({ container, names }: Stage): string =>
  `${names().join()} ${container('ws-1')?.status} ${container('ws-1')?.restartPolicy}`

test('an engine that is away from the stop on is waited for: the service recovers by itself', async () => {
  const stage = await setStage(ONE)
  stage.model.publish(APP, version(2))
  const { service, ask } = await serviceOf(stage)
  let away = false
  stage.model.faults = ({ path, method }) => {
    if (method === 'POST' && path.endsWith('/stop')) away = true
    return away ? { kind: 'before', action: 'lose' } : undefined
  }
  const refreshed = await ask('POST', REFRESH)
  assert.notEqual(refreshed.status, 200)
  away = false
  stage.model.faults = undefined
  await until('it is whole', () => worldOf(stage) === 'ws-1 running always')
  await service.stop(1000)
})

test('what an earlier process left is ended without anybody asking for a refresh', async () => {
  const stage = await setStage(ONE)
  await leaveHalfDone(stage, 'ws-1', 'parked')
  const { service } = await serviceOf(stage)
  service.recover()
  await until('it is whole', () => worldOf(stage) === 'ws-1 running always')
  await service.stop(1000)
})

test('while it cannot be ended, health is 503 and header and metric count it', async () => {
  const stage = await setStage(ONE)
  await leaveHalfDone(stage, 'ws-1', 'parked')
  const { service, ask } = await serviceOf(stage)
  stage.model.faults = ({ path, method }) =>
    method === 'POST' && path.endsWith('/rename') ? { kind: 'before', action: 'error' } : undefined
  service.recover()
  let health = await ask('GET', '/healthz')
  for (let tries = 0; tries < 500 && health.status !== 503; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    health = await ask('GET', '/healthz')
  }
  assert.equal(health.status, 503)
  assert.equal(health.headers.get('dockline-open-operations'), '1')
  assert.equal(await health.text(), '')
  const metrics = await (await ask('GET', '/metrics')).text()
  assert.match(metrics, /^dockline_open_operations\{outcome="failed"\} 1$/m)
  stage.model.faults = undefined
  await until('it is whole', () => worldOf(stage) === 'ws-1 running always')
  await service.stop(1000)
})

/** A recovery of which each attempt comes to the next of these. */
function scripted(...outcomes: readonly (readonly Recovered[] | Error)[]) {
  const clock = manualClock()
  let attempts = 0
  const lines: string[] = []
  const log = (message: string): void => void lines.push(message)
  const recover = async (): Promise<readonly Recovered[]> => {
    const outcome = outcomes[attempts++] ?? []
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const recovery = createRecovery({ recover, clock, log: { info: log, warn: log } })
  recovery.start({ idle: async () => {}, running: () => undefined })
  return { recovery, clock, lines, attempts: () => attempts }
}

const one = (outcome: Recovered['outcome']): Recovered => ({ name: 'ws-1', op: 'op', outcome })

test('it tries again after one second, then two, until nothing is left, and then no more', async () => {
  const { recovery, clock, attempts } = scripted(new Error('away'), [one('failed')], [one('rolled-back')])
  recovery.look()
  const seen: number[] = []
  for (const ms of [0, 999, 1, 1999, 1, 60_000]) {
    await clock.advance(ms)
    seen.push(attempts())
  }
  assert.deepEqual(seen, [1, 1, 2, 2, 3, 3])
  assert.deepEqual(recovery.open(), [])
  await recovery.stop()
})

test('the same trouble is said once', async () => {
  const { recovery, clock, lines } = scripted(new Error('away'), new Error('away'), [])
  recovery.look()
  for (let i = 0; i < 4; i++) await clock.advance(5000)
  assert.deepEqual(lines, ['cannot recover now, it is tried again'])
  await recovery.stop()
})

test('an operation of a process that lives is open, and no sign of illness', async () => {
  const { recovery, clock } = scripted([one('busy')], [])
  recovery.look()
  await clock.advance(0)
  assert.deepEqual(
    recovery.open().map(({ outcome }) => outcome),
    ['busy'],
  )
  await recovery.stop()
})
