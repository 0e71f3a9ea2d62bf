import { isObject, textAt, type JsonObject } from '../../base/json.ts'
import { atLeast } from '../../wire/version.ts'
import { isUp, named, type Container, type Endpoint, type LiveEndpoint } from './container.ts'
import { numberAt, textsAt } from './fields.ts'
import { emit } from './events.ts'
import { contains, formatAddress, lowestFree, macOf, parseAddress } from './ipam.ts'
import { findNetwork, needNetwork, type ModelNetwork } from './networks.ts'
import { refuse, refuseIf, type Said } from './refusal.ts'
import { checkEndpoint } from './strict-body.ts'
import { newId, type World } from './world.ts'

/** What is asked of a network; a call that takes no MAC address ignores it. */
export function newEndpoint(asked: JsonObject | undefined, takesMac = true): Endpoint {
  const settings = asked ?? {}
  const aliases = settings['Aliases']
  return {
    ipamConfig: isObject(settings['IPAMConfig']) ? settings['IPAMConfig'] : null,
    links: settings['Links'] ?? null,
    aliases: Array.isArray(aliases) ? textsAt(settings, 'Aliases') : null,
    wantedMac: takesMac ? textAt(settings, 'MacAddress') : '',
    shownMac: textAt(settings, 'MacAddress'),
    driverOpts: isObject(settings['DriverOpts']) ? settings['DriverOpts'] : null,
    gwPriority: numberAt(settings, 'GwPriority'),
    networkId: '',
    dnsNames: null,
  }
}

/** The endpoints of a create call. dockerd takes only one below API 1.44. */
export function endpointsOf(world: World, mode: string, body: JsonObject, version: string): Map<string, Endpoint> {
  const { profile } = world
  const networking = isObject(body['NetworkingConfig']) ? body['NetworkingConfig'] : {}
  const asked = isObject(networking['EndpointsConfig']) ? networking['EndpointsConfig'] : {}
  const names = Object.keys(asked)
  if (names.length > 1 && !atLeast(version, '1.44'))
    refuseIf(profile.words.severalEndpoints(names.toSorted().join(', ')))
  if (mode.startsWith('container:')) return new Map()
  const main = mode === 'default' || (mode === 'bridge' && profile.family === 'podman') ? profile.network : mode
  const endpoints = new Map<string, Endpoint>()
  const add = (name: string): void => {
    const network = findNetwork(world, name)
    const key = network?.name ?? name
    const settings = asked[name] ?? (name === main ? (asked['default'] ?? asked[network?.id ?? '']) : undefined)
    endpoints.set(key, newEndpoint(isObject(settings) ? settings : undefined))
  }
  // podman takes the networks for what they are when the mode is a bridge's.
  if (profile.family !== 'podman' || names.length === 0 || names.includes(main) || mode !== 'bridge') add(main)
  for (const name of names) {
    const key = findNetwork(world, name)?.name ?? name
    if (!endpoints.has(key) && name !== 'default') add(name)
  }
  if (profile.checksEndpoints === 'create') {
    checkDefault(world, endpoints)
    for (const [name, endpoint] of endpoints) {
      const network = findNetwork(world, name)
      const said = network === undefined ? undefined : unfitting(world, network, endpoint)
      if (said !== undefined) refuse([said[0], `invalid config for network ${name}: ${said[1]}`])
    }
  }
  return endpoints
}

function checkDefault({ profile }: World, endpoints: ReadonlyMap<string, Endpoint>): void {
  const endpoint = endpoints.get(profile.network)
  if (endpoint === undefined) return
  if (Object.keys(endpoint.ipamConfig ?? {}).length > 0) refuse(profile.words.addressOnDefault())
  if ((endpoint.aliases ?? []).length > 0) refuse(profile.words.aliasOnDefault())
}

// What dockerd says of an address before a container has it; 20.10 looks at the subnet when the container starts.
function unfitting({ profile }: World, network: ModelNetwork, { ipamConfig }: Endpoint): Said | undefined {
  const wanted = textAt(ipamConfig ?? {}, 'IPv4Address')
  if (wanted === '') return undefined
  if (!network.configured) return profile.words.addressUnwanted()
  if (profile.checksEndpoints !== 'create') return undefined
  const address = parseAddress(wanted)
  const fits = address !== undefined && network.subnet !== undefined && contains(network.subnet, address)
  return fits ? undefined : profile.words.addressOutside(wanted)
}

/** Gives the container an address on each of its networks. */
export function attachAll(world: World, container: Container): void {
  if (container.joined === undefined && world.profile.checksEndpoints === 'start')
    checkDefault(world, container.endpoints)
  for (const [name, endpoint] of container.endpoints) attach(world, container, name, endpoint)
}

/** Gives the container an address on one network. */
export function attach(world: World, container: Container, name: string, endpoint: Endpoint): void {
  const network = needNetwork(world, name)
  if (userDefined(network)) names(world, container, endpoint)
  endpoint.live = live(world, container, network, endpoint)
  endpoint.networkId = network.id
  if (world.profile.shortIdAlias) keepShortId(container, endpoint, network)
  emit(world, 'network', 'connect', network.id, { container: container.id, name: network.name, type: network.driver })
}

function live(world: World, container: Container, network: ModelNetwork, endpoint: Endpoint): LiveEndpoint {
  const { subnet, gateway } = network
  const id = world.profile.family === 'podman' ? '' : newId(world, 'endpoint')
  if (subnet === undefined) return { id, address: '', prefix: 0, gateway: '', mac: '' }
  const address = chooseAddress(world, network, textAt(endpoint.ipamConfig ?? {}, 'IPv4Address'))
  const drawn = newId(world, 'mac').slice(0, 10).match(/../g) ?? []
  const mac =
    wantedMac(world, container, endpoint) ||
    (world.profile.macFromAddress ? macOf(address) : ['02', ...drawn].join(':'))
  return { id, address, prefix: subnet.prefix, gateway, mac }
}

// Before API 1.44 a MAC address is the container's, not an endpoint's.
function wantedMac(world: World, container: Container, endpoint: Endpoint): string {
  return world.profile.endpointMac ? endpoint.wantedMac : textAt(container.config, 'MacAddress')
}

function chooseAddress(world: World, network: ModelNetwork, wanted: string): string {
  const { words } = world.profile
  const { subnet } = network
  const taken = new Map<number, string>([[parseAddress(network.gateway) ?? 0, network.name]])
  for (const other of world.state.containers.values()) {
    const address = other.endpoints.get(network.name)?.live?.address
    if (address !== undefined) taken.set(parseAddress(address) ?? 0, other.id)
  }
  if (wanted !== '') {
    const address = parseAddress(wanted)
    if (!network.configured) refuse(words.addressUnwanted())
    if (address === undefined || subnet === undefined || !contains(subnet, address))
      return refuse(words.addressOutside(wanted))
    const holder = taken.get(address)
    if (holder !== undefined) refuse(words.addressTaken(wanted, holder))
    return wanted
  }
  const free = subnet === undefined ? undefined : lowestFree(subnet, new Set(taken.keys()))
  return free === undefined ? refuse(words.noPool()) : formatAddress(free)
}

/** Takes the container off all its networks; the endpoints stay as they were asked for. */
export function detachAll(world: World, container: Container): void {
  for (const [name, endpoint] of container.endpoints) detach(world, container, name, endpoint)
  container.ports = {}
}

function detach(world: World, container: Container, name: string, endpoint: Endpoint): void {
  if (endpoint.live === undefined) return
  delete endpoint.live
  const network = findNetwork(world, name)
  if (network === undefined) return
  emit(world, 'network', 'disconnect', network.id, { container: container.id, name, type: network.driver })
}

/** `POST /networks/{id}/connect` */
export function connect(
  world: World,
  container: Container,
  network: ModelNetwork,
  asked: JsonObject | undefined,
  version: string,
): void {
  const { words, family, connectMacFrom, strictBody } = world.profile
  if (strictBody) checkEndpoint(asked)
  const fixed = [...container.endpoints.keys()].some((name) => name === 'none' || name === 'host')
  if (container.joined !== undefined || fixed || network.driver === 'null' || network.driver === 'host')
    refuse(words.privateNetwork())
  if (container.endpoints.has(network.name) && (isUp(container) || family === 'podman'))
    refuse(words.connected(named(container), network.name))
  const endpoint = newEndpoint(asked, connectMacFrom !== undefined && atLeast(version, connectMacFrom))
  if (family === 'docker') refuseIf(unfitting(world, network, endpoint))
  // A 28 shows what it ignores; a 29 does not.
  if (connectMacFrom !== undefined) endpoint.shownMac = endpoint.wantedMac
  if (isUp(container)) attach(world, container, network.name, endpoint)
  else if (userDefined(network) && family === 'docker') {
    names(world, container, endpoint)
    if (world.profile.shortIdAlias) keepShortId(container, endpoint, network)
  }
  container.endpoints.set(network.name, endpoint)
}

/** A start that failed while a network was joined: Docker 29.7 forgets that network. */
export function loseNetwork({ profile }: World, container: Container): void {
  const [joining] = container.endpoints.keys()
  if (profile.losesNetwork && joining !== undefined) container.endpoints.delete(joining)
}

/** `POST /networks/{id}/disconnect` */
export function disconnect(world: World, container: Container, network: ModelNetwork): void {
  const endpoint = container.endpoints.get(network.name)
  if (endpoint === undefined) return refuse(world.profile.words.notConnected(named(container), network.name))
  detach(world, container, network.name, endpoint)
  container.endpoints.delete(network.name)
}

export function userDefined({ fixed }: ModelNetwork): boolean {
  return !fixed
}

/** Name, aliases, short id and host name: what the engine's DNS knows a container by. */
export function names({ profile }: World, { id, name, config }: Container, endpoint: Endpoint): void {
  if (profile.family === 'podman' || profile.shortIdAlias) return
  endpoint.dnsNames = [...new Set([name, ...(endpoint.aliases ?? []), id.slice(0, 12), textAt(config, 'Hostname')])]
}

// dockerd before 25 keeps the short id and the host name with the aliases once a container ran.
function keepShortId({ id, config }: Container, endpoint: Endpoint, network: ModelNetwork): void {
  if (!userDefined(network)) return
  endpoint.aliases = [...new Set([...(endpoint.aliases ?? []), id.slice(0, 12), textAt(config, 'Hostname')])]
}
