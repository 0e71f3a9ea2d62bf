import { textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { atLeast } from '../../wire/version.ts'
import type { Container, Endpoint } from './container.ts'
import { isSlim } from './profile.ts'
import type { World } from './world.ts'

/** `NetworkSettings` of an inspect. */
export function networkSettings(world: World, container: Container, version: string): JsonObject {
  const main = container.endpoints.get(world.profile.network)
  const live = main?.live
  const up = container.status === 'running' || container.status === 'paused'
  const sandbox = up && container.joined === undefined ? container.id.split('').toReversed().join('') : ''
  const own: JsonObject = {
    SandboxID: sandbox,
    SandboxKey: sandbox === '' ? '' : `/var/run/docker/netns/${sandbox.slice(0, 12)}`,
    Ports: portsJson(container),
    Networks: networksJson(world, container, version),
  }
  const { lean } = world.profile
  if (lean && (main === undefined || isSlim(world.profile, version))) return own
  const onDefault: JsonObject = {
    EndpointID: live?.id ?? '',
    Gateway: live?.gateway ?? '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: live?.address ?? '',
    IPPrefixLen: live?.prefix ?? 0,
    IPv6Gateway: '',
    MacAddress: live?.mac ?? '',
  }
  if (lean) return { ...own, ...onDefault }
  return {
    Bridge: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...onDefault,
    ...own,
  }
}

function portsJson({ ports }: Container): JsonObject {
  const entries = Object.entries(ports).map(([port, bindings]): [string, JsonValue] => [
    port,
    bindings?.map((binding) => ({ ...binding })) ?? null,
  ])
  return Object.fromEntries(entries)
}

/** `NetworkSettings.Networks`, of an inspect or of a row of the list. */
export function networksJson(world: World, container: Container, version: string): JsonObject {
  const entries = [...container.endpoints].map(([name, endpoint]): [string, JsonObject] => [
    name,
    endpointJson(world, container, name, endpoint, version),
  ])
  return Object.fromEntries(entries)
}

function endpointJson(
  world: World,
  container: Container,
  name: string,
  endpoint: Endpoint,
  version: string,
): JsonObject {
  const { profile } = world
  const { live } = endpoint
  return {
    IPAMConfig: profile.family === 'podman' ? null : endpoint.ipamConfig,
    Links: endpoint.links,
    Aliases: aliasesJson(world, container, name, endpoint, version),
    // A wanted address is shown until the next start; a stopped container shows none.
    MacAddress: live?.mac ?? shownMac(world, endpoint),
    DriverOpts: endpoint.driverOpts,
    ...(profile.gwPriority ? { GwPriority: endpoint.gwPriority } : {}),
    NetworkID: endpoint.networkId,
    EndpointID: live?.id ?? '',
    Gateway: live?.gateway ?? '',
    IPAddress: live?.address ?? '',
    IPPrefixLen: live?.prefix ?? 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    ...(profile.shortIdAlias ? {} : { DNSNames: endpoint.dnsNames }),
  }
}

function shownMac({ profile }: World, endpoint: Endpoint): string {
  return profile.family === 'podman' ? '' : endpoint.shownMac
}

// Below API 1.45 the short id and the host name are among the aliases (moby daemon/server/router/container/inspect.go).
function aliasesJson(
  world: World,
  { id, config }: Container,
  name: string,
  { aliases }: Endpoint,
  version: string,
): string[] | null {
  const { profile } = world
  const fixed = name === profile.network || name === 'host' || name === 'none'
  if (profile.shortIdAlias || atLeast(version, '1.45')) return aliases
  if (fixed) return aliases
  return [...new Set([...(aliases ?? []), id.slice(0, 12), textAt(config, 'Hostname')])]
}
