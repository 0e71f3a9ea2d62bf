import type { Seen } from './container.ts'

/** A service that another one needs, as compose writes it into the label `com.docker.compose.depends_on`. */
interface Need {
  readonly service: string
  /** True when the dependent is to be restarted after the service was replaced. */
  readonly restart: boolean
}

// "db:service_healthy:true,cache:service_started:false" (compose pkg/compose/create.go); older versions leave parts out.
function needsOf({ view }: Seen): Need[] {
  const text = view.Config.Labels['com.docker.compose.depends_on'] ?? ''
  return text
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [service = '', , restart] = entry.split(':')
      return { service, restart: restart === 'true' }
    })
}

function serviceOf({ view: { Config } }: Seen): string | undefined {
  const project = Config.Labels['com.docker.compose.project']
  const service = Config.Labels['com.docker.compose.service']
  return project === undefined || service === undefined ? undefined : `${project}/${service}`
}

function needed(container: Seen): string[] {
  const project = container.view.Config.Labels['com.docker.compose.project'] ?? ''
  return needsOf(container).map(({ service }) => `${project}/${service}`)
}

/** For each set of containers that move together: its place in the order, and the sets that it needs. */
export interface ComposeOrder {
  /** 0 for a set that needs no other; a set that needs others has a larger one than each of them. */
  readonly level: number
  /** Indexes of the sets that must be over first, those that are needed through other services included. */
  readonly needs: readonly number[]
}

/**
 * The order that compose itself would have: what a service needs is over before the service is touched. It runs through
 * services that do not move and over several images. Compose refuses circles; one that sharing makes is cut.
 *
 * @param containers all of the engine, for a service may be needed through one that is not selected
 */
export function composeOrder(
  moves: readonly (readonly Seen[])[],
  containers: readonly Seen[],
): readonly ComposeOrder[] {
  const byService = new Map<string, Seen[]>()
  for (const container of containers) {
    const service = serviceOf(container)
    if (service !== undefined) byService.set(service, [...(byService.get(service) ?? []), container])
  }
  const moveOf = new Map(moves.flatMap((members, i) => members.map(({ id }) => [id, i] as const)))
  const needs = moves.map((members, i) => neededMoves(members, i, byService, moveOf))
  const levels = new Map<number, number>()
  const levelOf = (i: number, path: readonly number[]): number => {
    const known = levels.get(i)
    if (known !== undefined || path.includes(i)) return known ?? 0
    const level = Math.max(0, ...(needs[i] ?? []).map((other) => 1 + levelOf(other, [...path, i])))
    levels.set(i, level)
    return level
  }
  return needs.map((others, i) => {
    const level = levelOf(i, [])
    return { level, needs: others.filter((other) => levelOf(other, []) < level) }
  })
}

function neededMoves(
  members: readonly Seen[],
  own: number,
  byService: ReadonlyMap<string, readonly Seen[]>,
  moveOf: ReadonlyMap<string, number>,
): number[] {
  const found = new Set<number>()
  const visited = new Set<string>()
  const left = [...members]
  for (let container = left.pop(); container !== undefined; container = left.pop()) {
    if (visited.has(container.id)) continue
    visited.add(container.id)
    const move = moveOf.get(container.id)
    if (move !== undefined && move !== own) found.add(move)
    left.push(...needed(container).flatMap((service) => byService.get(service) ?? []))
  }
  return [...found]
}

/** The containers that ask to be restarted because one of these services was replaced, and wait for none that is pending. */
export function restartsAfter(
  replaced: readonly Seen[],
  containers: readonly Seen[],
  pending: readonly Seen[] = [],
): Seen[] {
  const services = new Set(replaced.map(serviceOf))
  const later = new Set(pending.map(serviceOf))
  return containers.filter((container) => {
    const project = container.view.Config.Labels['com.docker.compose.project'] ?? ''
    const asked = needsOf(container).flatMap(({ service, restart }) => (restart ? [`${project}/${service}`] : []))
    return asked.some((service) => services.has(service)) && !asked.some((service) => later.has(service))
  })
}
