// What goes wrong with a call, and with which.
import { isObject, objectAt, textAt } from '../../lib/base/json.ts'
import type { Fault } from '../../lib/testing/model/index.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './world.ts'

export type Kind =
  | 'kill before'
  | 'kill after'
  | 'kill during'
  | 'leave'
  | 'lose request'
  | 'lose reply'
  | '500 before'
  | '500 after'
  | 'cut'
  | 'engine restarts'
  | 'engine is away'
  | 'machine crashes'
  | 'port taken'

export const KINDS: readonly Kind[] = [
  'kill before',
  'kill after',
  'kill during',
  'leave',
  'lose request',
  'lose reply',
  '500 before',
  '500 after',
  'cut',
  'engine restarts',
  'engine is away',
  'machine crashes',
  'port taken',
]

// A read has no effect that could be half done. Between two reads nothing has changed, so dying at the second is the same
// as at the first.
const OF_READS: ReadonlySet<Kind> = new Set([
  'kill before',
  'lose reply',
  '500 before',
  'engine restarts',
  'engine is away',
])
const OF_MORE_READS: ReadonlySet<Kind> = new Set(['lose reply', '500 before'])

/**
 * What can go wrong with a call of a scenario, which comes after another one. podman has no daemon that could go down, and a daemon that goes down takes
 * containers with --rm along.
 */
export function kindsOf({ profile, containers }: Scenario, method: string, before = ''): Kind[] {
  const likely = method !== 'GET' ? undefined : before === 'GET' ? OF_MORE_READS : OF_READS
  const lasts =
    profile !== 'podman' &&
    !containers.some(({ HostConfig }) => isObject(HostConfig) && HostConfig['AutoRemove'] === true)
  const ports = hostPorts(containers)
  return KINDS.filter(
    (kind) =>
      likely?.has(kind) !== false &&
      (lasts || !isEngines(kind)) &&
      (kind !== 'port taken' || (method === 'POST' && ports.length > 0)),
  )
}

/** Host ports that the containers of a scenario publish. */
export function hostPorts(containers: Scenario['containers']): string[] {
  return containers.flatMap(({ HostConfig }) =>
    Object.values(objectAt(HostConfig, 'PortBindings')).flatMap((list) =>
      (Array.isArray(list) ? list : []).map((binding) => textAt(binding, 'HostPort')),
    ),
  )
}

// Milliseconds.
const AWAY = 20_000

/** Takes the engine down. */
export function isEngines(kind: Kind): boolean {
  return kind === 'engine restarts' || kind === 'engine is away' || kind === 'machine crashes'
}

/** Which calls go wrong, counted from the first of the refresh. */
export interface Plan {
  readonly kind: Kind
  /** True for the calls that go wrong. */
  hits(n: number): boolean
  /** Faults go on into the recovery. */
  readonly intoRecovery?: boolean | undefined
}

/** The fault that makes it so. `look` is called before an engine goes down, `kill` ends the process that called. */
export function faultOf(
  kind: Kind,
  { engine, scenario }: Pick<World, 'engine' | 'scenario'>,
  kill: () => void,
  look: () => void,
): Fault {
  const take = (): void => {
    for (const port of hostPorts(scenario.containers)) engine.occupiedPorts.add(port)
  }
  const restart = (): void => {
    look()
    engine.restart()
  }
  const leave = (): void => {
    look()
    engine.restart({ awayFor: AWAY })
  }
  const crash = (): void => {
    look()
    kill()
    engine.restart({ crash: true })
  }
  const faults: Readonly<Record<Kind, Fault>> = {
    'kill before': { kind: 'before', action: 'lose', run: kill },
    'kill after': { kind: 'after', action: 'lose', run: kill },
    'kill during': { kind: 'during', action: 'lose', run: kill },
    leave: { kind: 'during', action: 'lose' },
    'lose request': { kind: 'before', action: 'lose' },
    'lose reply': { kind: 'after', action: 'lose' },
    '500 before': { kind: 'before', action: 'error' },
    '500 after': { kind: 'after', action: 'error' },
    cut: { kind: 'after', action: 'cut' },
    'engine restarts': { kind: 'after', action: 'lose', run: restart },
    'engine is away': { kind: 'before', action: 'lose', run: leave },
    'machine crashes': { kind: 'before', action: 'lose', run: crash },
    'port taken': { kind: 'before', action: 'none', run: take },
  }
  return faults[kind]
}
