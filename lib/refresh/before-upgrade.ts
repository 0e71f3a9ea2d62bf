// What a Docker 29 would do otherwise with the containers that are there (seen on 29.7.2; registries on 29.10).
import { isIP } from 'node:net'

import { isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../base/json.ts'
import type { Seen } from './container.ts'

/**
 * What becomes of a container at the upgrade. `lost`: the new engine does not load it, so that it is in no list and its
 * name is free. `changed`: it does something else from its next start on. `deprecated`: it goes on as before for now.
 */
export type UpgradeEffect = 'lost' | 'changed' | 'deprecated'

export interface UpgradeFinding {
  /** Name of the container, or of the registry. */
  readonly name: string
  readonly effect: UpgradeEffect
  /** What it is about, and what to do. */
  readonly what: string
}

/** Findings about one container. Touches nothing. */
export function upgradeFindings({ name, raw }: Pick<Seen, 'name' | 'raw'>): UpgradeFinding[] {
  const host = objectAt(raw, 'HostConfig')
  const config = objectAt(raw, 'Config')
  const found = (effect: UpgradeEffect, whats: readonly string[]): UpgradeFinding[] =>
    whats.map((what) => ({ name, effect, what }))
  return [
    ...found('lost', [...badAddresses(host), ...badPorts(config, host)].map(withCure)),
    ...found('changed', emptyBindings(host)),
    ...found('changed', interfaceSysctls(host)),
    ...found('deprecated', defaultLinks(host)),
  ]
}

function withCure(what: string): string {
  return `${what}: a 29 does not load this container. Make it anew with a value that can be parsed before the upgrade`
}

function badAddresses(host: JsonObject): string[] {
  const addresses = bindings(host).flatMap(([port, list]) =>
    list.map((binding) => [`the host address of port ${port}`, textAt(binding, 'HostIp')] as const),
  )
  const servers = textList(host['Dns']).map((server) => ['the DNS server', server] as const)
  return [...addresses, ...servers].flatMap(([what, address]) =>
    address === '' || isIP(address) !== 0 ? [] : [`${what} is "${address}", which is no address`],
  )
}

const MAX_PORT = 65_535

function badPorts(config: JsonObject, host: JsonObject): string[] {
  const ports = new Set([...Object.keys(objectAt(config, 'ExposedPorts')), ...bindings(host).map(([port]) => port)])
  return [...ports].flatMap((port) => {
    const [number = ''] = port.split('/')
    return /^\d+$/.test(number) && Number(number) <= MAX_PORT ? [] : [`"${port}" is no single port`]
  })
}

function emptyBindings(host: JsonObject): string[] {
  return bindings(host)
    .filter(([, list]) => list.length === 0)
    .map(
      ([port]) =>
        `the bindings of port ${port} are empty: a 29 publishes it on a free port of all addresses from the next start on. Make the container anew without them`,
    )
}

const OF_INTERFACE = /^net\.\w+\.\w+\.eth\d+\./

function interfaceSysctls(host: JsonObject): string[] {
  return Object.keys(objectAt(host, 'Sysctls'))
    .filter((name) => OF_INTERFACE.test(name))
    .map(
      (name) =>
        `the sysctl ${name} is of one interface: from API 1.48 on no container can be made with it. It goes into the driver option com.docker.network.endpoint.sysctls of the network, with IFNAME for the interface`,
    )
}

function defaultLinks(host: JsonObject): string[] {
  const mode = textAt(host, 'NetworkMode')
  if (mode !== '' && mode !== 'default' && mode !== 'bridge') return []
  return textList(host['Links']).map(
    (link) =>
      `the link ${link} is on the default bridge: a 29 sets no environment variables for it, and a 30 has no such links. Put both containers on a network of their own`,
  )
}

/** Findings about the registries that are trusted without TLS: an explicit list ends the trust of loopback ones in 29.10. */
export function registryFindings(info: unknown, references: readonly string[]): UpgradeFinding[] {
  const registries = objectAt(info, 'RegistryConfig')
  const listed = Object.entries(objectAt(registries, 'IndexConfigs')).flatMap(([host, index]) =>
    isObject(index) && index['Secure'] === false ? [host] : [],
  )
  const ranges = textList(registries['InsecureRegistryCIDRs']).filter((range) => !DEFAULT_RANGES.has(range))
  const loopback = new Set(references.map(hostOf).filter((host) => LOOPBACK.test(host) && !listed.includes(host)))
  if (listed.length + ranges.length === 0) return []
  return [...loopback].map((name) => ({
    name,
    effect: 'changed',
    what: `the engine names insecure registries (${[...listed, ...ranges].join(', ')}): from 29.10 on it then trusts no registry on this machine by itself. Add ${name} to insecure-registries if it speaks plain HTTP`,
  }))
}

const DEFAULT_RANGES: ReadonlySet<string> = new Set(['127.0.0.0/8', '::1/128'])
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/

function hostOf(reference: string): string {
  return reference.split('/')[0] ?? ''
}

function bindings(host: JsonObject): [port: string, bindings: JsonObject[]][] {
  return Object.entries(objectAt(host, 'PortBindings')).map(([port, list]) => [
    port,
    Array.isArray(list) ? list.filter(isObject) : [],
  ])
}

function textList(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
