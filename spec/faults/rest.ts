// What must hold once all is done.
import { canonicalJson, isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import { networksOf } from '../../lib/refresh/successor/networking.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import type { ContainerView } from '../../lib/testing/model/index.ts'
import type { Checks } from './checks.ts'
import { STRANGER } from './scenario.ts'
import { isOf } from './watch.ts'
import type { World } from './world.ts'

/** Looks at the world at rest. `down` when the engine went down meanwhile. */
export function lookAtRest(world: World, checks: Checks, down: boolean): void {
  const { engine, before, scenario } = world
  const now = engine.containers()
  const removes = scenario.options?.strategy === 'remove'
  // Who took the successor has it: in the place of the old one, or beside it where that was brought back.
  const isTaken = ({ name }: ContainerView): boolean => name === scenario.taken
  const took = now.find(isTaken)
  const named = (name: string): ContainerView | undefined => now.find((container) => container.name === name)
  const inPlaceOf = (name: string): ContainerView | undefined => named(name) ?? (name === 'app-a' ? took : undefined)
  const names = now.filter((container) => !isTaken(container)).map(({ name }) => name)
  if (took !== undefined && named('app-a') === undefined) names.push('app-a')
  const expected = [...before.keys()].filter((name) => !removes || name === STRANGER || names.includes(name))
  checks.check(
    'I3',
    canonicalJson(names.toSorted()) === canonicalJson(expected.toSorted()),
    () => `there are ${names.join(', ')}`,
  )
  for (const [name, { view, raw }] of before) {
    const container = inPlaceOf(name)
    if (container === undefined) continue
    if (removes && name !== STRANGER) continue // half removed, perhaps: it has no marks, and the next refresh goes on
    checks.check(
      'I3',
      statesOf(view, raw, down).includes(container.status),
      () => `${name} is ${container.status} and was ${view.status}`,
    )
    const shown = engine.inspect(container.id)
    for (const [what, read] of Object.entries(KEPT))
      checks.check(
        'I1',
        canonicalJson(read(shown)) === canonicalJson(read(raw)),
        () => `${what} of ${name}: ${canonicalJson(read(shown))} instead of ${canonicalJson(read(raw))}`,
      )
    if (container.status === 'running' && view.status === 'running')
      checks.check(
        'I1',
        canonicalJson(published(shown)) === canonicalJson(published(raw)),
        () => `${name} publishes ${published(shown).join()} instead of ${published(raw).join()}`,
      )
    checks.check(
      'I1',
      view.volumes.every((volume) => container.volumes.includes(volume)),
      () => `${name} has lost a volume`,
    )
  }
}

/**
 * I11: what ran before does so, or is told to be down and its operation is open.
 *
 * @param down whether the engine went down meanwhile
 */
export function lookAtDown(
  { engine, before, scenario }: World,
  { check }: Checks,
  down: boolean,
  report?: RefreshReport,
): void {
  const now = engine.containers()
  for (const [name, { view, raw }] of before) {
    if (!RAN.has(view.status) || (scenario.options?.strategy === 'remove' && name !== STRANGER)) continue
    const family = now.filter((container) => isOf(name, view, container))
    const states = statesOf(view, raw, down)
    const does = family.some(
      (container) => [name, scenario.taken].includes(container.name) && states.includes(container.status),
    )
    const line = report?.containers.find((one) => one.name === name)
    const isTold = line?.outcome === 'failed' && commandsOf(line.reason).some((names) => names.includes(name))
    const isOpen = family.length > 1
    check(
      'I11',
      does || (isTold && isOpen),
      () =>
        `${name} is down: ${family.map((one) => `${one.name} ${one.status}`).join(', ')}, and told: ${line?.reason}`,
    )
  }
}

// The containers that each command in a reason would recover.
function commandsOf(reason = ''): string[][] {
  return [...reason.matchAll(/dockline recover((?: --name [\w-]+)+)/g)].map(([, names]) =>
    (names as string).split(' --name ').slice(1),
  )
}

const RAN: ReadonlySet<string> = new Set(['running', 'paused', 'restarting'])

/** I6: the report is true of what is there. */
export function lookAtReport({ engine }: World, { check }: Checks, report: RefreshReport): void {
  const now = engine.containers()
  for (const { name, id, newId, outcome } of report.containers) {
    const container = now.find((one) => one.name === name)
    if (outcome === 'replaced') check('I6', container?.id === newId, () => `${name} was not replaced`)
    if (outcome === 'removed')
      check(
        'I6',
        now.every((one) => one.id !== id),
        () => `${name} was not removed`,
      )
    if (outcome === 'rolled-back' || outcome === 'current')
      check('I6', container?.id === id, () => `${name} is not as it was`)
  }
  const { recreated } = report
  check(
    'I6',
    recreated.every((name) => report.containers.some((one) => one.name === name && one.outcome.startsWith('re'))),
    () => `${recreated.join(', ')} are said to be recreated`,
  )
  check('I8', !JSON.stringify(report).includes('canary-of-'), () => 'the report gives away a login')
}

const KEPT: Readonly<Record<string, (raw: JsonObject) => JsonValue | undefined>> = {
  'the restart policy': (raw) => objectAt(objectAt(raw, 'HostConfig'), 'RestartPolicy'),
  'the port bindings': (raw) => objectAt(objectAt(raw, 'HostConfig'), 'PortBindings'),
  'the networks': (raw) => Object.keys(networksOf(raw)).toSorted(),
  'the environment': (raw) => own(objectAt(raw, 'Config')['Env']),
  'the aliases': (raw) =>
    Object.fromEntries(
      Object.entries(networksOf(raw)).map(([network, endpoint]) => {
        const aliases = isObject(endpoint) ? endpoint['Aliases'] : null
        const own = Array.isArray(aliases)
          ? aliases.filter((alias) => typeof alias !== 'string' || !/^[0-9a-f]{12}$/.test(alias))
          : []
        return [network, own]
      }),
    ),
  '--rm': (raw) => objectAt(raw, 'HostConfig')['AutoRemove'],
}

// Numbers that the engine chose may change.
function published(raw: JsonObject): string[] {
  return Object.entries(objectAt(objectAt(raw, 'NetworkSettings'), 'Ports')).flatMap(([port, list]) =>
    Array.isArray(list) && list.length > 0 ? [port] : [],
  )
}

function own(env: JsonValue | undefined): JsonValue {
  return Array.isArray(env) ? env.filter((entry) => typeof entry === 'string' && entry.startsWith('OWN=')) : null
}

// A successor of a stopped container was never started. What crashes is sometimes up; what has no policy an engine that
// went down leaves stopped, and what was paused it starts.
function statesOf({ status }: ContainerView, raw: JsonObject, down: boolean): readonly ContainerView['status'][] {
  const policy = textAt(objectAt(objectAt(raw, 'HostConfig'), 'RestartPolicy'), 'Name')
  const returns = policy === 'always' || policy === 'unless-stopped'
  if (status === 'exited' || status === 'created') return ['exited', 'created']
  if (status === 'restarting') return ['restarting', 'running']
  if (!down) return [status]
  return returns ? [status, 'running'] : [status, 'running', 'exited', 'created']
}
