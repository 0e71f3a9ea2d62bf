import { isObject, textAt, type JsonObject } from '../../base/json.ts'
import { isUp, type Container, type PortBinding } from './container.ts'
import { refuse } from './refusal.ts'
import { newId, type World } from './world.ts'

interface Held {
  readonly ip: string
  readonly port: string
  readonly protocol: string
}

/** Publishes the ports of a container that starts, or refuses when another one holds one of them. */
export function publishPorts(world: World, container: Container): void {
  const bindings = isObject(container.hostConfig['PortBindings']) ? container.hostConfig['PortBindings'] : {}
  const exposed = isObject(container.config['ExposedPorts']) ? Object.keys(container.config['ExposedPorts']) : []
  const all = container.hostConfig['PublishAllPorts'] === true
  // What is bound and not exposed dockerd does not publish, and nothing where there is no network of one's own.
  const docker = world.profile.family === 'docker'
  if (isNetworkless(container)) return
  // Taken off all its networks, a container runs without any and publishes nothing.
  if (docker && container.endpoints.size === 0) {
    container.ports = {}
    return
  }
  const bound = docker ? [] : Object.keys(bindings).filter((key) => key.includes('/'))
  const held = heldPorts(world, container)
  const ports: Record<string, PortBinding[] | null> = {}
  for (const port of new Set([...exposed, ...bound])) {
    const asked = bindings[port]
    const wanted = Array.isArray(asked) ? asked.filter(isObject) : []
    if (wanted.length === 0 && all) wanted.push({ HostIp: '', HostPort: '' })
    ports[port] = wanted.length === 0 ? null : wanted.flatMap((one) => bind(world, container, port, one, held))
  }
  container.ports = ports
}

function bind(world: World, container: Container, port: string, asked: JsonObject, held: Held[]): PortBinding[] {
  const protocol = port.split('/')[1] ?? 'tcp'
  const ip = textAt(asked, 'HostIp')
  const wanted = textAt(asked, 'HostPort')
  const chosen = wanted === '' || wanted === '0' ? freePort(world, protocol, held) : wanted
  const clash = held.find((other) => other.port === chosen && other.protocol === protocol && sameAddress(other.ip, ip))
  if (clash !== undefined) {
    const { words } = world.profile
    const endpoint = newId(world, 'endpoint')
    refuse(words.portTaken({ name: container.name, endpoint, ip: ip || '0.0.0.0', port: chosen }))
  }
  held.push({ ip, port: chosen, protocol })
  if (ip !== '') return [{ HostIp: ip, HostPort: chosen }]
  return world.profile.everywhere.map((HostIp) => ({ HostIp, HostPort: chosen }))
}

/** podman chooses its host ports when the container is made, and keeps them; none without a network of its own. */
export function reservePorts(world: World, container: Container): void {
  if (isNetworkless(container)) {
    container.hostConfig['PortBindings'] = {}
    return
  }
  const bindings = isObject(container.hostConfig['PortBindings']) ? container.hostConfig['PortBindings'] : {}
  const exposed = isObject(container.config['ExposedPorts']) ? Object.keys(container.config['ExposedPorts']) : []
  const all = container.hostConfig['PublishAllPorts'] === true ? exposed : []
  const [everywhere = ''] = world.profile.everywhere
  const entries = [...new Set([...Object.keys(bindings), ...all])].map((port): [string, JsonObject[]] => {
    const asked = bindings[port]
    const wanted = Array.isArray(asked) ? asked.filter(isObject) : []
    if (wanted.length === 0 && all.includes(port)) wanted.push({})
    return [
      port.includes('/') ? port : `${port}/tcp`,
      wanted.map((one) => ({
        HostIp: textAt(one, 'HostIp') || everywhere,
        HostPort: Number(textAt(one, 'HostPort')) > 0 ? textAt(one, 'HostPort') : freePort(world, 'tcp', []),
      })),
    ]
  })
  // A port without a binding is not published.
  container.hostConfig['PortBindings'] = Object.fromEntries(entries.filter(([, list]) => list.length > 0))
}

function isNetworkless({ endpoints }: Container): boolean {
  return endpoints.has('host') || endpoints.has('none')
}

/** The ports that other containers hold now. */
function heldPorts(world: World, starting: Container): Held[] {
  const held: Held[] = [...world.occupied].map((port) => ({ ip: '', port, protocol: 'tcp' }))
  for (const container of world.state.containers.values()) {
    if (container === starting || !isUp(container)) continue
    for (const [port, bindings] of Object.entries(container.ports))
      for (const { HostIp, HostPort } of bindings ?? [])
        held.push({ ip: HostIp, port: HostPort, protocol: port.split('/')[1] ?? 'tcp' })
  }
  return held
}

function freePort(world: World, protocol: string, held: readonly Held[]): string {
  const { state } = world
  while (held.some(({ port, protocol: other }) => port === String(state.port) && other === protocol)) state.port++
  return String(state.port++)
}

function sameAddress(a: string, b: string): boolean {
  return a === b || isEverywhere(a) || isEverywhere(b)
}

function isEverywhere(ip: string): boolean {
  return ip === '' || ip === '0.0.0.0' || ip === '::'
}
