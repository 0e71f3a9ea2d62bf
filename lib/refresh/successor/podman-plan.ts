// The rules for every engine see what podman leaves out, and the plan asks for it.
import { isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import type { LibpodContainer } from '../../engine/schema/libpod-container.ts'
import type { AskedAddress } from './create-command.ts'
import { networksOf } from './networking.ts'
import type { Notes } from './notes.ts'
import { generatedHome } from './podman-env.ts'
import { isDefault, rightsOf, shownAddress, unseenLabel, type Asked } from './podman-asked.ts'
import { mountsOf } from './volumes.ts'
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
  const images = imageMounts(raw)
  if (images.length > 0) {
    next['Mounts'] = images
    const targets = new Set(images.map((mount) => textAt(mount, 'Target')))
    next['Binds'] = entriesOf(hostConfig['Binds']).filter(
      (bind) => typeof bind !== 'string' || !targets.has(bind.split(':')[1] ?? ''),
    )
  }
  const config = { ...objectAt(raw, 'Config') }
  const { entry } = generatedHome(raw, asked.home)
  config['Env'] = entriesOf(config['Env']).filter((one) => one !== entry)
  const networks = Object.entries(networksOf(raw)).map(([name, endpoint]): [string, JsonValue] => [
    name,
    isObject(endpoint) ? { ...endpoint, ...ipamOf(asked.addresses[name]) } : endpoint,
  ])
  return {
    ...raw,
    Config: config,
    HostConfig: next,
    NetworkSettings: { ...objectAt(raw, 'NetworkSettings'), Networks: Object.fromEntries(networks) },
  }
}

// An image mount, beside which podman shows the overlay that it mounts there as one more of the binds.
function imageMounts(raw: JsonObject): JsonObject[] {
  return mountsOf(raw)
    .filter((mount) => textAt(mount, 'Type') === 'image')
    .map((mount) => ({ Type: 'image', Source: textAt(mount, 'Source'), Target: textAt(mount, 'Destination') }))
}

function entriesOf(env: JsonValue | undefined): JsonValue[] {
  return Array.isArray(env) ? env : []
}

/**
 * Adds to a plan what `completeInspect` cannot: MAC addresses, the label for the next time, and what must be told.
 *
 * @param alias name under which the successor is to be found on networks of users before it has that name
 */
export function askAgain(
  plan: Successor,
  asked: Asked,
  {
    raw,
    libpod,
    alias,
  }: { readonly raw: JsonObject; readonly libpod: LibpodContainer | undefined; readonly alias: string | undefined },
): Successor {
  const { body, later, notes } = plan
  const named = (network: string, endpoint: JsonObject): JsonObject =>
    alias === undefined || isDefault(network)
      ? endpoint
      : { ...endpoint, Aliases: withAlias(endpoint['Aliases'], alias) }
  const [first = ''] = Object.keys(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
  const withMac = (network: string, endpoint: JsonValue): JsonObject => {
    const mac = asked.addresses[network]?.mac
    return named(network, { ...objectAt({ endpoint }, 'endpoint'), ...(mac === undefined ? {} : { MacAddress: mac }) })
  }
  const endpoints = Object.entries(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'))
  const mac = asked.addresses[first]?.mac
  tell(notes, asked, { raw, libpod })
  // An entry that equals the old image's is the user's where the command line, or the label, says so.
  const own = entriesOf(body['Env'])
  const stated = entriesOf(objectAt(raw, 'Config')['Env']).filter((entry) => asked.env.includes(nameOf(entry)))
  const env = [...own, ...stated.filter((entry) => !own.includes(entry))]
  return {
    ...plan,
    later: later.map(({ network, endpoint }) => ({ network, endpoint: withMac(network, endpoint) })),
    body: {
      ...body,
      // podman 4 reads it at the endpoint alone, where below API 1.44 a create may state it only with this one.
      ...(mac === undefined ? {} : { MacAddress: mac }),
      Env: env,
      Labels: { ...objectAt(body, 'Labels'), ...unseenLabel(asked, env.map(nameOf)) },
      NetworkingConfig: {
        EndpointsConfig: Object.fromEntries(endpoints.map(([name, endpoint]) => [name, withMac(name, endpoint)])),
      },
    },
  }
}

function withAlias(aliases: JsonValue | undefined, alias: string): JsonValue[] {
  return [...new Set([...(Array.isArray(aliases) ? aliases : []), alias])]
}

function nameOf(entry: JsonValue): string {
  return typeof entry === 'string' ? (entry.split('=', 1)[0] as string) : ''
}

interface Shown {
  readonly raw: JsonObject
  readonly libpod: LibpodContainer | undefined
}

function tell({ changed }: Notes, asked: Asked, { raw, libpod }: Shown): void {
  const { source, addresses, unknown } = asked
  const hostConfig = objectAt(raw, 'HostConfig')
  if (libpod === undefined)
    changed.push('HostConfig: the inspect of libpod cannot be read here, so what only that shows is not carried')
  else if (libpod.HostConfig.HostsFile === '')
    changed.push('/etc/hosts: has the entries of the machine no longer, which the Docker API of podman leaves out')
  if (source === 'nothing') {
    const members = ['Sysctls', 'DeviceCgroupRules']
    if (hostConfig['MemorySwappiness'] === 0 && asked.swappiness === undefined) members.push('MemorySwappiness 0')
    // podman 4 says so of every container.
    if (hostConfig['IpcMode'] === 'shareable' && hostConfig['CgroupnsMode'] === '') members.push('IpcMode')
    const list = members.map((member) => `HostConfig.${member}`).join(', ')
    changed.push(`${list}: podman shows none of these of a container made over an API, so what was asked for is lost`)
  }
  const { entry, isSure } = generatedHome(raw, asked.home)
  if (entry !== undefined && !isSure)
    changed.push(`Config.Env: ${entry} is podman's own or was asked for, which podman does not show: it is left out`)
  for (const network of unknown) {
    const { ipv4, ipv6, mac } = shownAddress(networksOf(raw)[network])
    const asks = addresses[network] ?? {}
    const lost = [ipv4 ?? ipv6, mac].filter((one) => one !== undefined && !Object.values(asks).includes(one))
    if (ipv4 === undefined && mac === undefined)
      changed.push(`Networks.${network}: podman shows no address of a stopped container: none is asked for`)
    else if (lost.length > 0)
      changed.push(
        `Networks.${network}: ${lost.join(' and ')} ${lost.length > 1 ? 'are' : 'is'} drawn anew; whether that was asked for, podman does not show: --keep-ip and --keep-mac, or the labels dockline.keep-ip and dockline.keep-mac, keep what is in use`,
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
