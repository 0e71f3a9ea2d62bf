// The world of a scenario before anything goes wrong.
import { textAt, type JsonObject } from '../../lib/base/json.ts'
import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import {
  manualClock,
  modelEngine,
  type ContainerView,
  type ManualClock,
  type ModelEngine,
} from '../../lib/testing/model/index.ts'
import { canaryOf, startProcess, type Process } from './process.ts'
import { BEFORE, STABLE_FOR, STRANGER, type Scenario } from './scenario.ts'

export interface World extends AsyncDisposable {
  readonly scenario: Scenario
  readonly engine: ModelEngine
  readonly clock: ManualClock
  /** What there was, by name. */
  readonly before: ReadonlyMap<string, { readonly view: ContainerView; readonly raw: JsonObject }>
  /** Starts a process on it. */
  start(self: string): Promise<Process>
}

export async function openWorld(scenario: Scenario): Promise<World> {
  const clock = manualClock({ auto: true })
  const images = scenario.images ?? BEFORE
  const registries = [...Object.keys(images), ...Object.keys(scenario.release)].map((ref) => ref.split('/')[0] ?? '')
  const credentials = Object.fromEntries(registries.map((registry) => [registry, canaryOf(registry)]))
  const { profile, programs, stopsLater } = scenario
  const engine = modelEngine({ profile, images, credentials, clock, programs, stopsLater })
  const processes: Process[] = []
  const start = async (self: string): Promise<Process> => {
    const process = await startProcess(engine, clock, self)
    processes.push(process)
    return process
  }
  await fill(engine, scenario, await start('operator'))
  await clock.advance(10_000)
  const before = new Map(
    engine.containers().map((view) => [view.name, { view, raw: structuredClone(engine.inspect(view.id)) }]),
  )
  const world: World = {
    scenario,
    engine,
    clock,
    before,
    start,
    [Symbol.asyncDispose]: async () => {
      engine.faults = undefined
      for (const process of processes) process.bury()
      await engine.close()
    },
  }
  for (const [ref, image] of Object.entries(scenario.release)) engine.publish(ref, image)
  if (scenario.pulled === true) await pullRelease(await start('builder'), scenario)
  if (scenario.died !== undefined) await leaveHalfDone(world, scenario.died)
  if (scenario.taken !== undefined) {
    const successor = engine.containers().find(({ labels }) => textAt(labels, 'dockline.name') === 'app-a')
    await (await start('somebody')).docker.containers.rename(successor?.id ?? '', scenario.taken)
  }
  return world
}

async function fill(engine: ModelEngine, scenario: Scenario, { docker, ports }: Process): Promise<void> {
  for (const Name of scenario.networks ?? []) await docker.networks.create({ Name })
  for (const { name, running, ...body } of scenario.containers) {
    await docker.containers.create(body, { name })
    if (name === 'app-a' && scenario.networks?.[1] !== undefined)
      await docker.networks.connect(scenario.networks[1], { Container: name, EndpointConfig: { Aliases: ['inner'] } })
    if (running !== false) await docker.containers.start(name)
  }
  if (scenario.earlier !== undefined) {
    for (const [ref, image] of Object.entries(scenario.earlier)) engine.publish(ref, image)
    await refresh(ports, { targets: [], selection: selectionOf(scenario), gate: { stableFor: STABLE_FOR } })
  }
  for (const name of scenario.pause ?? []) await docker.containers.pause(name)
}

async function pullRelease({ docker, ports }: Process, { release }: Scenario): Promise<void> {
  for (const ref of Object.keys(release)) {
    const { auth } = await ports.credentials.resolve(ref.split('/')[0] ?? '')
    await docker.images.pull(ref, { auth })
  }
}

async function leaveHalfDone(world: World, { after, nth = 1 }: NonNullable<Scenario['died']>): Promise<void> {
  const process = await world.start('process-0')
  let left = nth
  world.engine.faults = ({ method, path }) =>
    after.test(`${method} ${path}`) && --left === 0
      ? { kind: 'after', action: 'lose', run: () => process.kill() }
      : undefined
  await Promise.race([refresh(process.ports, optionsOf(world.scenario, process)), process.killed])
  world.engine.faults = undefined
}

export function optionsOf(scenario: Scenario, { docker }: Process): RefreshOptions {
  return {
    targets: [],
    selection: selectionOf(scenario),
    gate: { stableFor: STABLE_FOR },
    ...(scenario.hooks === true ? { hooks: docker.exec } : {}),
    ...scenario.options,
  }
}

function selectionOf({ containers }: Scenario): RefreshOptions['selection'] {
  return { names: containers.map(({ name }) => name).filter((name) => name !== STRANGER) }
}
