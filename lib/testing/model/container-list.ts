import { textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { atLeast } from '../../wire/version.ts'
import { filtersOf, hasLabels, isTrue, type Call } from './call.ts'
import { findContainer, isUp, type Container } from './container.ts'
import { manifestDescriptor, sizesOf } from './container-inspect.ts'
import { networksJson } from './container-networks.ts'
import { findImage } from './image-store.ts'
import { commandText } from './orders.ts'
import { isSlim } from './profile.ts'
import { numberIn } from './numbers.ts'
import { refuse } from './refusal.ts'
import { now, type World } from './world.ts'

/** `GET /containers/json`: the newest first. */
export function listContainers(world: World, call: Call): JsonObject[] {
  const { query, version } = call
  const filters = filtersOf(query)
  const all = isTrue(query.get('all')) || filters.has('status') || filters.has('exited')
  const limit = numberIn(world, call, 'limit') ?? 0
  const rows = [...world.state.containers.values()]
    .toReversed()
    .filter((container) => all || limit > 0 || isUp(container) || container.status === 'restarting')
    .filter((container) => [...filters].every(([name, values]) => fits(world, container, name, values)))
  return (limit > 0 ? rows.slice(0, limit) : rows).map((container) => ({
    ...summary(world, container, version),
    ...(isTrue(query.get('size')) ? sizesOf(world, container) : {}),
  }))
}

function fits(world: World, container: Container, filter: string, values: readonly string[]): boolean {
  const { state } = world
  switch (filter) {
    // An unanchored regular expression, tried with and without the slash (moby daemon/list.go).
    case 'name':
      return values.some(
        (value) => new RegExp(value).test(container.name) || new RegExp(value).test(`/${container.name}`),
      )
    case 'id':
      return values.some((value) => container.id.startsWith(value))
    case 'label':
      return hasLabels(container.config['Labels'] as JsonObject | null, values)
    case 'status':
      return values.includes(container.status)
    case 'exited':
      return container.status === 'exited' && values.includes(String(container.exitCode))
    case 'health':
      return values.includes(container.health?.status ?? 'none')
    case 'ancestor':
      return values.some((value) => findImage(world, value)?.id === container.image)
    case 'network':
      return values.some((value) => container.endpoints.has(state.networks.get(value)?.name ?? value))
    case 'volume':
      return values.some((value) =>
        container.mounts.some(({ Name, Destination }) => Name === value || Destination === value),
      )
    case 'before':
    case 'since': {
      const other = findContainer(world, values[0] ?? '')
      const order = [...state.containers.keys()]
      const place = order.indexOf(container.id) - order.indexOf(other?.id ?? '')
      return other !== undefined && (filter === 'before' ? place < 0 : place > 0)
    }
    case 'publish':
      return values.some((value) =>
        Object.entries(container.ports).some(([port, at]) =>
          (at ?? []).some(({ HostPort }) => isPort(`${HostPort}/${port.split('/')[1] ?? 'tcp'}`, value)),
        ),
      )
    case 'expose':
      return values.some((value) => Object.keys(container.ports).some((port) => isPort(port, value)))
    case 'is-task':
      return !isTrue(values[0] ?? null)
    case 'isolation':
      return true
    default:
      return refuse([400, `invalid filter '${filter}'`])
  }
}

// `80`, `80/tcp` or a range of ports.
function isPort(port: string, wanted: string): boolean {
  const [range = '', protocol = 'tcp'] = wanted.split('/')
  const [from = 0, to = from] = range.split('-').map(Number)
  const [number, own] = port.split('/')
  return own === protocol && Number(number) >= from && Number(number) <= to
}

function summary(world: World, container: Container, version: string): JsonObject {
  const { profile } = world
  const podman = profile.family === 'podman'
  const descriptor =
    profile.store === 'manifest' && atLeast(version, '1.48') ? manifestDescriptor(world, container) : undefined
  return {
    Id: container.id,
    Names: [`/${container.name}`, ...container.linkedAs],
    Image: shownImage(world, container),
    ImageID: container.image,
    ...(descriptor === undefined ? {} : { ImageManifestDescriptor: descriptor }),
    Command: commandText(world, container),
    Created: Math.floor(container.created / 1000),
    Ports: portRows(world, container),
    Labels: container.config['Labels'] ?? {},
    State: container.status,
    Status: statusText(world, container),
    ...(isSlim(profile, version) ? { Health: healthRow(container) } : {}),
    ...(podman ? {} : { HostConfig: { NetworkMode: textAt(container.hostConfig, 'NetworkMode') } }),
    NetworkSettings: { Networks: networksJson(world, container, version) },
    Mounts: container.mounts.map((mount) => ({
      ...mount,
      Source: mount.Type === 'volume' && !podman ? '' : mount.Source,
    })),
  }
}

// dockerd shows the reference only while it names the same image still; podman as it was.
function shownImage(world: World, container: Container): string {
  const asked = textAt(container.config, 'Image')
  if (world.profile.family === 'podman') return asked
  if (findImage(world, asked)?.id === container.image) return asked
  return container.image
}

function healthRow({ health }: Container): JsonObject {
  return { Status: health?.status ?? 'none', FailingStreak: health?.streak ?? 0 }
}

function portRows({ profile }: World, container: Container): JsonValue {
  return Object.entries(container.ports).flatMap(([port, bindings]): JsonObject[] => {
    const [number, Type = 'tcp'] = port.split('/')
    const PrivatePort = Number(number)
    if (bindings === null) return [{ ...(profile.lean ? { IP: '' } : {}), PrivatePort, Type }]
    return bindings.map(({ HostIp: IP, HostPort }) => ({
      ...(IP === '' ? {} : { IP }),
      PrivatePort,
      PublicPort: Number(HostPort),
      Type,
    }))
  })
}

function statusText(world: World, container: Container): string {
  const since = (at: number | undefined): string => duration(now(world) - (at ?? now(world)))
  const { health } = container
  switch (container.status) {
    case 'created':
      return 'Created'
    case 'running':
      return `Up ${since(container.startedAt)}${health === undefined ? '' : health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`}`
    case 'paused':
      return `Up ${since(container.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${container.exitCode}) ${since(container.finishedAt)} ago`
    case 'removing':
      return 'Removal In Progress'
    case 'dead':
      return 'Dead'
    default:
      return `Exited (${container.exitCode}) ${since(container.finishedAt)} ago`
  }
}

// docker/go-units HumanDuration
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.round(seconds / 3600)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  if (hours === 1) return 'About an hour'
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`
}
