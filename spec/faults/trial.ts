// One run of a scenario in which calls go wrong, and what must hold during it and after.
import assert from 'node:assert/strict'

import { objectAt, textAt, type JsonObject } from '../../lib/base/json.ts'
import { connect } from '../../lib/engine/connect.ts'
import { recover, type RecoverContext } from '../../lib/refresh/recover.ts'
import { refresh, type RefreshPorts } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import {
  manualClock,
  modelEngine,
  type ContainerView,
  type Fault,
  type Faults,
  type ModelEngine,
} from '../../lib/testing/model/index.ts'
import { BEFORE, STRANGER, type Scenario } from './scenario.ts'

/** What goes wrong with a call. */
export type Kind = 'kill before' | 'kill after' | 'lose request' | 'lose reply' | '500 before' | '500 after' | 'cut'
export const KINDS: readonly Kind[] = [
  'kill before',
  'kill after',
  'lose request',
  'lose reply',
  '500 before',
  '500 after',
  'cut',
]

/** Which calls go wrong, counted from the first of the refresh: the k-th alone, or all from it on. */
export interface Plan {
  readonly kind: Kind
  /** True for the calls that go wrong. */
  hits(n: number): boolean
  /** Faults go on into the recovery, for so many of its calls. */
  readonly intoRecovery?: boolean | undefined
}

export interface Result {
  /** Methods of the calls that the refresh made. */
  readonly calls: readonly string[]
  /** Invariants looked at, in all. */
  readonly checks: number
  readonly report: RefreshReport | undefined
}

const MAX_CALLS = 3000

/** Runs it. @throws AssertionError naming the invariant that was broken */
export async function trial(scenario: Scenario, plan: Plan | undefined): Promise<Result> {
  const clock = manualClock({ auto: true })
  const engine = modelEngine({ profile: scenario.profile, images: BEFORE, clock })
  await setStage(engine, scenario)
  const before = worldOf(engine)
  const first = engine.calls.length
  let checks = 0
  const watch = (): void => {
    checks += checkDuring(engine, before, scenario)
  }

  const death = new AbortController()
  const over = new AbortController()
  engine.faults = plan === undefined ? watched(watch) : faultsOf(plan, first, death, watch)
  const doomed = await client(engine, clock, 'process-1', death.signal, over.signal)
  const report = await Promise.race([refresh(doomed, optionsOf(scenario)).catch(() => undefined), dies(death.signal)])
  const calls = engine.calls.slice(first).map(({ method }) => method)

  if (plan?.intoRecovery === true) {
    const second = engine.calls.length
    engine.faults = faultsOf({ ...plan, hits: (n) => n === 3 || n === 5 }, second, new AbortController(), watch)
    const interrupted = await client(engine, clock, 'process-2', new AbortController().signal, over.signal)
    await recover(forced(interrupted)).catch(() => undefined)
  }
  engine.faults = watched(watch)
  const healed = await client(engine, clock, 'process-3', new AbortController().signal, over.signal)
  const recovered = await recover(forced(healed))
  assert.deepEqual(
    recovered.filter(({ outcome }) => outcome !== 'committed' && outcome !== 'rolled-back'),
    [],
    'recovery comes to its end',
  )
  checks += checkRest(engine, before, scenario, report)

  assert.deepEqual(await recover(forced(healed)), [], 'I7: a second recovery finds nothing')
  const again = engine.calls.length
  const settled = await refresh(healed, optionsOf(scenario))
  checks += checkRest(engine, before, scenario, settled)
  assert.ok(engine.calls.length - again < MAX_CALLS, 'I9: the number of calls is bounded')
  await engine.close()
  over.abort(new Error('the trial is over'))
  return { calls, checks: checks + 2, report }
}

const optionsOf = ({ containers, options }: Scenario) => ({
  targets: [],
  selection: { names: containers.map(({ name }) => name).filter((name) => name !== STRANGER) },
  gate: { stableFor: 2000 },
  ...options,
})

const forced = (ports: RefreshPorts): RecoverContext => ({ ...ports, gate: { stableFor: 2000 }, force: true })

async function setStage(engine: ModelEngine, scenario: Scenario): Promise<void> {
  const docker = await connect({ host: 'unix:///model', transport: () => engine.transport() })
  for (const Name of scenario.networks ?? []) await docker.networks.create({ Name })
  for (const { name, running, ...body } of scenario.containers) {
    await docker.containers.create(body, { name })
    if (name === 'app-a' && scenario.networks?.[1] !== undefined)
      await docker.networks.connect(scenario.networks[1], { Container: name, EndpointConfig: { Aliases: ['inner'] } })
    if (running !== false) await docker.containers.start(name)
  }
  for (const name of scenario.pause ?? []) await docker.containers.pause(name)
  for (const [ref, image] of Object.entries(scenario.release)) engine.publish(ref, image)
}

async function client(
  engine: ModelEngine,
  clock: RefreshPorts['clock'],
  self: string,
  death: AbortSignal,
  over: AbortSignal,
): Promise<RefreshPorts> {
  const transport = engine.transport()
  // A dead process neither asks nor hears anything, until the trial is over: who waits for ever keeps timers.
  const silence = (): Promise<never> =>
    new Promise((_, reject) => {
      if (over.aborted) reject(over.reason as Error)
      else over.addEventListener('abort', () => reject(over.reason as Error), { once: true })
    })
  const mortal = {
    ...transport,
    request: (request: Parameters<typeof transport.request>[0]) =>
      death.aborted
        ? silence()
        : transport.request(request).then(
            (response) => (death.aborted ? silence() : response),
            (error: unknown) => (death.aborted ? silence() : Promise.reject(error as Error)),
          ),
  }
  let ids = 0
  return {
    engine: await connect({ host: 'unix:///model', transport: () => mortal, validate: 'strict' }),
    credentials: { resolve: async () => ({ auth: undefined, source: 'anonymous' }) },
    clock,
    random: { id: () => `${self}-${++ids}`, fraction: () => 0.5 },
    processes: { self: async () => self, state: async (identity) => (identity === self ? 'alive' : 'dead') },
  }
}

function dies(death: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    death.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function watched(watch: () => void): Faults {
  return () => {
    watch()
    return undefined
  }
}

function faultsOf(plan: Plan, first: number, death: AbortController, watch: () => void): Faults {
  const run = (): void => death.abort()
  const faults: Readonly<Record<Kind, Fault>> = {
    'kill before': { kind: 'before', action: 'lose', run },
    'kill after': { kind: 'after', action: 'lose', run },
    'lose request': { kind: 'before', action: 'lose' },
    'lose reply': { kind: 'after', action: 'lose' },
    '500 before': { kind: 'before', action: 'error' },
    '500 after': { kind: 'after', action: 'error' },
    cut: { kind: 'after', action: 'cut' },
  }
  return ({ n }) => {
    watch()
    return plan.hits(n - first) ? faults[plan.kind] : undefined
  }
}

interface World {
  readonly containers: ReadonlyMap<string, { readonly view: ContainerView; readonly raw: JsonObject }>
}

function worldOf(engine: ModelEngine): World {
  return { containers: new Map(engine.containers().map((view) => [view.name, { view, raw: engine.inspect(view.id) }])) }
}

/** What must hold at every moment. Gives the number of checks. */
function checkDuring(engine: ModelEngine, before: World, scenario: Scenario): number {
  let checks = 0
  const now = engine.containers()
  const images = new Set(engine.images().map(({ id }) => id))
  for (const [name, { view }] of before.containers) {
    const family = now.filter(
      (container) =>
        container.id === view.id ||
        textAt(container.labels, 'dockline.replaces') === view.id ||
        isLater(container, name),
    )
    assert.ok(family.length > 0, `I1: a container holds the configuration of ${name}`)
    assert.ok(
      family.some(({ image }) => images.has(image)),
      `I1: its image exists (${name})`,
    )
    const running = family.filter(({ status }) => status === 'running' || status === 'paused')
    const overlap = scenario.options?.order === 'start-first' ? 2 : 1
    assert.ok(running.length <= overlap, `I2: no two running claimants of ${name}`)
    checks += 3
  }
  for (const { image } of now) assert.ok(images.has(image), 'I5: no image in use is deleted')
  const stranger = now.find(({ name }) => name === STRANGER)
  assert.equal(stranger?.id, before.containers.get(STRANGER)?.view.id, 'I10: the stranger is untouched')
  assert.equal(stranger?.status, 'running', 'I10: the stranger runs')
  return checks + 3
}

const isLater = ({ labels, name: own }: ContainerView, name: string): boolean =>
  textAt(labels, 'dockline.name') === name && own === name

/** What must hold once all is done. */
function checkRest(engine: ModelEngine, before: World, scenario: Scenario, report: RefreshReport | undefined): number {
  checkDuring(engine, before, scenario)
  const now = engine.containers()
  assert.deepEqual(
    now.map(({ name }) => name).toSorted(),
    [...before.containers.keys()].toSorted(),
    'I3: each name is borne once, and no other is left',
  )
  for (const [name, { view, raw }] of before.containers) {
    const container = now.find((candidate) => candidate.name === name) as ContainerView
    const status = view.status === 'exited' && container.id !== view.id ? 'created' : view.status
    assert.equal(container.status, status, `${name} does what it did`)
    const shown = engine.inspect(container.id)
    assert.deepEqual(
      objectAt(objectAt(shown, 'HostConfig'), 'RestartPolicy'),
      objectAt(objectAt(raw, 'HostConfig'), 'RestartPolicy'),
      `${name} has its restart policy`,
    )
    assert.deepEqual(container.volumes.toSorted(), view.volumes.toSorted(), `${name} has its volumes`)
    assert.deepEqual(
      Object.keys(objectAt(objectAt(shown, 'NetworkSettings'), 'Networks')),
      Object.keys(objectAt(objectAt(raw, 'NetworkSettings'), 'Networks')),
      `${name} has its networks`,
    )
    const told = report?.containers.find((one) => one.name === name)
    if (told?.outcome === 'replaced') assert.equal(container.id, told.newId, `I6: the report is true of ${name}`)
    if (told?.outcome === 'rolled-back' || told?.outcome === 'current' || told?.outcome === 'skipped')
      assert.equal(container.id, told.id, `I6: the report is true of ${name}`)
  }
  return 8 * before.containers.size
}
