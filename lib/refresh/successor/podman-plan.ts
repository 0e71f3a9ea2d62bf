// The rules for every engine see what podman leaves out, and the plan asks for it.
import { isObject, objectAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import type { LibpodContainer } from '../../engine/schema/libpod-container.ts'
import type { AskedAddress } from './create-command.ts'
import { networksOf } from './networking.ts'
import type { Notes } from './notes.ts'
import { isDefault, rightsOf, unseenLabel, type Asked } from './podman-asked.ts'
import type { Successor } from './successor.ts'

/** Makes the inspect of podman say what it leaves out, so that the rules for every engine see it. */
export function completeInspect(raw: JsonObject, asked: Asked): JsonObject {
  const { MemorySwappiness: _, ...hostConfig } = objectAt(raw, 'HostConfig')
  const devices = Array.isArray(hostConfig['Devices']) ? hostConfig['Devices'] : []
  const next: JsonObject = { ...hostConfig, Devices: devices.map((device) => withRights(device, asked)) }
  if (asked.swappiness !== undefined) next['MemorySwappiness'] = asked.swappiness
  if (Object.keys(asked.sysctls).length > 0) next['Sysctls'] = { ...asked.sysctls }
  if (asked.deviceRules.length > 0) next['DeviceCgroupRules'] = [...asked.deviceRules]
  if (asked.ipcMode !== undefined && next['IpcMode'] === 'shareable') next['IpcMode'] = asked.ipcMode
  const networks = Object.entries(networksOf(raw)).map(([name, endpoint]): [string, JsonValue] => [
    name,
    isObject(endpoint) ? { ...endpoint, ...ipamOf(asked.addresses[name]) } : endpoint,
  ])
  return {
    ...raw,
    HostConfig: next,
    NetworkSettings: { ...objectAt(raw, 'NetworkSettings'), Networks: Object.fromEntries(networks) },
  }
}

/**
 * Adds to a plan what `completeInspect` cannot: MAC addresses, the label for the next time, and what must be told.
 *
 * @param alias name under which the successor is to be found on networks of users before it has that name
 */
export function askAgain(
  plan: Successor,
  asked: Asked,
  { libpod, alias }: { readonly libpod: LibpodContainer | undefined; readonly alias: string | undefined },
): Successor {
  const { body, later, notes } = plan
  const named = (network: string, endpoint: JsonObject): JsonObject =>
    alias === undefined || isDefault(network)
      ? endpoint
      : { ...endpoint, Aliases: withAlias(endpoint['Aliases'], alias) }
  const [own = ''] = Object.keys(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
  const withMac = (network: string, endpoint: JsonValue): JsonObject => {
    const mac = asked.addresses[network]?.mac
    return named(network, { ...objectAt({ endpoint }, 'endpoint'), ...(mac === undefined ? {} : { MacAddress: mac }) })
  }
  const endpoints = Object.entries(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
  const mac = asked.addresses[own]?.mac
  tell(notes, asked, libpod)
  return {
    ...plan,
    later: later.map(({ network, endpoint }) => ({ network, endpoint: withMac(network, endpoint) })),
    body: {
      ...body,
      // podman 4 reads it at the endpoint alone, where below API 1.44 a create may state it only with this one.
      ...(mac === undefined ? {} : { MacAddress: mac }),
      Labels: { ...objectAt(body, 'Labels'), ...unseenLabel(asked) },
      NetworkingConfig: {
        EndpointsConfig: Object.fromEntries(endpoints.map(([name, endpoint]) => [name, withMac(name, endpoint)])),
      },
    },
  }
}

function withAlias(aliases: JsonValue | undefined, alias: string): JsonValue[] {
  return [...new Set([...(Array.isArray(aliases) ? aliases : []), alias])]
}

function tell({ changed }: Notes, { source, addresses, seenOnly }: Asked, libpod: LibpodContainer | undefined): void {
  if (libpod === undefined)
    changed.push('HostConfig: the inspect of libpod cannot be read here, so what only that shows is not carried')
  else if (libpod.HostConfig.HostsFile === '')
    changed.push('/etc/hosts: has the entries of the machine no longer, which the Docker API of podman leaves out')
  if (source === 'nothing')
    changed.push(
      'HostConfig.Sysctls, HostConfig.DeviceCgroupRules: podman shows neither of a container made over an API',
    )
  for (const network of seenOnly) {
    const { ipv4, ipv6, mac } = addresses[network] ?? {}
    const now = [ipv4, ipv6, mac].filter((value) => value !== undefined).join(', ')
    changed.push(
      now === ''
        ? `Networks.${network}: podman shows no address that was asked for of a stopped container: none is asked for`
        : `Networks.${network}: asks for ${now}, which it has now, for podman does not show what was asked for`,
    )
  }
}

function ipamOf({ ipv4, ipv6 }: AskedAddress = {}): JsonObject {
  if (ipv4 === undefined && ipv6 === undefined) return {}
  return {
    IPAMConfig: {
      ...(ipv4 === undefined ? {} : { IPv4Address: ipv4 }),
      ...(ipv6 === undefined ? {} : { IPv6Address: ipv6 }),
    },
  }
}

function withRights(device: JsonValue, { devices }: Asked): JsonValue {
  const rights = rightsOf(device, devices)
  return isObject(device) && rights !== undefined ? { ...device, CgroupPermissions: rights } : device
}
