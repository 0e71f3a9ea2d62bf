import { isObject, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import type { Container } from './container.ts'
import { emit } from './events.ts'
import {
  dockerPools,
  formatAddress,
  formatSubnet,
  freeSubnet,
  overlaps,
  parseSubnet,
  podmanPools,
  type Subnet,
} from './ipam.ts'
import { isSlim } from './profile.ts'
import { refuse } from './refusal.ts'
import { checkSubnet } from './strict-body.ts'
import { goTime, newId, now, type World } from './world.ts'

export interface ModelNetwork {
  readonly id: string
  readonly name: string
  readonly created: number
  readonly driver: string
  readonly internal: boolean
  readonly attachable: boolean
  readonly ipamConfig: JsonObject[]
  readonly options: JsonObject
  readonly labels: JsonObject
  readonly subnet: Subnet | undefined
  readonly gateway: string
  /** The subnet was chosen by its maker, so that addresses may be. */
  readonly configured: boolean
  /** Comes with the engine and stays. */
  readonly fixed: boolean
}

/** The networks that an engine has from the start. */
export function predefine(world: World): void {
  const { profile } = world
  const subnet = parseSubnet(profile.subnet)
  const base = { created: now(world), internal: false, attachable: false, labels: {}, configured: false, fixed: true }
  const gateway = subnet === undefined ? '' : formatAddress(subnet.base + 1)
  const options: JsonObject =
    profile.family === 'podman'
      ? {}
      : { 'com.docker.network.bridge.default_bridge': 'true', 'com.docker.network.bridge.name': 'docker0' }
  const all: ModelNetwork[] = [
    {
      ...base,
      id: newId(world, 'network'),
      name: profile.network,
      driver: 'bridge',
      subnet,
      gateway,
      options,
      ipamConfig: [{ Subnet: profile.subnet, Gateway: gateway }],
    },
  ]
  for (const [name, driver] of profile.family === 'podman'
    ? []
    : [['host', 'host'] as const, ['none', 'null'] as const])
    all.push({
      ...base,
      id: newId(world, 'network'),
      name,
      driver,
      subnet: undefined,
      gateway: '',
      options: {},
      ipamConfig: [],
    })
  for (const network of all) world.state.networks.set(network.id, network)
}

export function findNetwork(world: World, name: string): ModelNetwork | undefined {
  const { networks } = world.state
  const all = [...networks.values()]
  return (
    networks.get(name) ??
    all.find((network) => network.name === name) ??
    (/^[0-9a-f]{4,}$/.test(name) ? all.find(({ id }) => id.startsWith(name)) : undefined)
  )
}

export function needNetwork(world: World, name: string): ModelNetwork {
  return findNetwork(world, name) ?? refuse(world.profile.words.noNetwork(name))
}

/** `POST /networks/create` */
export function createNetwork(world: World, body: JsonObject): ModelNetwork {
  const { words } = world.profile
  const name = textAt(body, 'Name')
  if (world.profile.family === 'docker') checkNetwork(name, textAt(body, 'Driver'))
  if (findNetwork(world, name)?.name === name) refuse(words.networkTaken(name))
  const asked = ipamOf(body)
  const given = textAt(asked[0] ?? {}, 'Subnet')
  if (world.profile.strictBody) checkSubnet(given)
  const used = [...world.state.networks.values()].flatMap(({ subnet }) => (subnet === undefined ? [] : [subnet]))
  const pools = world.profile.family === 'podman' ? podmanPools() : dockerPools()
  const subnet = given === '' ? freeSubnet(pools, used) : parseSubnet(given)
  if (subnet === undefined) return refuse(given === '' ? words.noPool() : [400, badSubnet(world, given)])
  if (given !== '' && used.some((other) => overlaps(other, subnet))) refuse(words.poolOverlaps(given))
  const gateway = textAt(asked[0] ?? {}, 'Gateway') || formatAddress(subnet.base + 1)
  const network: ModelNetwork = {
    id: newId(world, 'network'),
    name,
    created: now(world),
    driver: textAt(body, 'Driver') || 'bridge',
    internal: body['Internal'] === true,
    attachable: body['Attachable'] === true,
    ipamConfig: given === '' ? [{ Subnet: formatSubnet(subnet), Gateway: gateway }] : asked,
    options: isObject(body['Options']) ? body['Options'] : {},
    labels: isObject(body['Labels']) ? body['Labels'] : {},
    subnet,
    gateway,
    configured: given !== '',
    fixed: false,
  }
  world.state.networks.set(network.id, network)
  emit(world, 'network', 'create', network.id, { name, type: network.driver })
  return network
}

function badSubnet({ profile }: World, given: string): string {
  return `${profile.tellsConfig ? 'invalid network config:\n' : ''}invalid subnet ${given}: invalid CIDR block notation`
}

const DRIVERS: ReadonlySet<string> = new Set(['', 'bridge', 'ipvlan', 'macvlan', 'overlay', 'host', 'null'])

function checkNetwork(name: string, driver: string): void {
  if (['bridge', 'host', 'none'].includes(name))
    refuse([403, `operation is not permitted on predefined ${name} network`])
  if (!DRIVERS.has(driver)) refuse([404, `plugin "${driver}" not found`])
}

/** `DELETE /networks/{id}` */
export function removeNetwork(world: World, name: string): void {
  const { words } = world.profile
  const network = findNetwork(world, name) ?? refuse(words.noNetworkToRemove(name))
  if (network.fixed) refuse(words.networkFixed(network.name))
  const member = members(world, network)[0]
  if (member !== undefined) {
    const endpoint = member.endpoints.get(network.name)
    refuse(words.networkUsed(network, { name: member.name, id: endpoint?.live?.id ?? '' }))
  }
  world.state.networks.delete(network.id)
  emit(world, 'network', 'destroy', network.id, { name: network.name, type: network.driver })
}

/** Containers that keep a network from going: dockerd counts those that run, podman all. */
function members(world: World, network: ModelNetwork): Container[] {
  return [...world.state.containers.values()].filter((container) => {
    const endpoint = container.endpoints.get(network.name)
    if (endpoint === undefined) return false
    return endpoint.live === undefined ? world.profile.family === 'podman' : endpoint.networkId === network.id
  })
}

/** `GET /networks/{id}` at an API version; in lists, without one, a network has neither members nor status. */
export function networkJson(world: World, network: ModelNetwork, version: string | undefined): JsonObject {
  const { profile } = world
  const entries = members(world, network).flatMap((container): [string, JsonValue][] => {
    const live = container.endpoints.get(network.name)?.live
    if (live === undefined) return []
    const { id: EndpointID, mac: MacAddress, address, prefix } = live
    return [
      [
        container.id,
        { Name: container.name, EndpointID, MacAddress, IPv4Address: `${address}/${prefix}`, IPv6Address: '' },
      ],
    ]
  })
  return {
    Name: network.name,
    Id: network.id,
    Created: goTime(network.created),
    Scope: 'local',
    Driver: network.driver,
    ...(profile.enableIPv4 === undefined ? {} : { EnableIPv4: profile.enableIPv4 }),
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: profile.family === 'podman' ? { driver: 'host-local' } : null,
      Config: network.ipamConfig,
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: version === undefined ? {} : Object.fromEntries(entries),
    Options: network.options,
    Labels: network.labels,
    ...(version !== undefined && isSlim(profile, version) ? { Status: statusOf(network, entries.length) } : {}),
  }
}

// Of a subnet the first, the last and the gateway's address are in use from the start.
function statusOf({ subnet }: ModelNetwork, members: number): JsonObject {
  if (subnet === undefined) return { IPAM: {} }
  const used = 3 + members
  return {
    IPAM: {
      Subnets: { [formatSubnet(subnet)]: { IPsInUse: used, DynamicIPsAvailable: 2 ** (32 - subnet.prefix) - used } },
    },
  }
}

function ipamOf(body: JsonObject): JsonObject[] {
  const ipam = body['IPAM']
  const config = isObject(ipam) ? ipam['Config'] : undefined
  return Array.isArray(config) ? config.filter(isObject) : []
}
