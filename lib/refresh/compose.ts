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

/** How many services stand below each container, by id: those that are needed have the smaller number. */
export function composeDepths(containers: readonly Seen[]): ReadonlyMap<string, number> {
  const byService = new Map<string, Seen[]>()
  for (const container of containers) {
    const service = serviceOf(container)
    if (service !== undefined) byService.set(service, [...(byService.get(service) ?? []), container])
  }
  const depths = new Map<string, number>()
  const depthOf = (container: Seen, path: readonly string[]): number => {
    const known = depths.get(container.id)
    if (known !== undefined || path.includes(container.id)) return known ?? 0 // compose refuses circles itself
    const below = needed(container).flatMap((service) => byService.get(service) ?? [])
    const depth = Math.max(0, ...below.map((other) => 1 + depthOf(other, [...path, container.id])))
    depths.set(container.id, depth)
    return depth
  }
  for (const container of containers) depthOf(container, [])
  return depths
}

/** The containers that ask to be restarted because one of these services was replaced. */
export function restartsAfter(replaced: readonly Seen[], containers: readonly Seen[]): Seen[] {
  const services = new Set(replaced.map(serviceOf))
  return containers.filter((container) => {
    const project = container.view.Config.Labels['com.docker.compose.project'] ?? ''
    return needsOf(container).some(({ service, restart }) => restart && services.has(`${project}/${service}`))
  })
}
