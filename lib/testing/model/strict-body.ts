// What Docker 29 parses while it reads a body: addresses, MAC addresses and ports (Go's net/netip behind the JSON decoder).
import { isIP } from 'node:net'

import { isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { textsAt } from './fields.ts'
import { refuse } from './refusal.ts'

const MAC = /^(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i
const MAX_PORT = 65_535

/** Refuses a create body with an address or a port that cannot be parsed. Empty texts are taken. */
export function checkCreateBody(body: JsonObject): void {
  const host = objectAt(body, 'HostConfig')
  for (const port of Object.keys(objectAt(body, 'ExposedPorts'))) checkPort(port)
  for (const address of textsAt(host, 'Dns')) checkAddress(address)
  for (const [port, bindings] of Object.entries(objectAt(host, 'PortBindings'))) {
    checkPort(port)
    for (const binding of Array.isArray(bindings) ? bindings : []) checkAddress(textAt(binding, 'HostIp'))
  }
  for (const endpoint of Object.values(objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig')))
    checkEndpoint(endpoint)
}

/** The same for the settings of one endpoint. */
export function checkEndpoint(endpoint: JsonValue | undefined): void {
  if (!isObject(endpoint)) return
  const mac = textAt(endpoint, 'MacAddress')
  if (mac !== '' && !MAC.test(mac)) refuse([400, `invalid JSON: address ${mac}: invalid MAC address`])
  const ipam = objectAt(endpoint, 'IPAMConfig')
  for (const address of [textAt(ipam, 'IPv4Address'), textAt(ipam, 'IPv6Address'), ...textsAt(ipam, 'LinkLocalIPs')])
    checkAddress(address)
}

/** The subnets of a network. */
export function checkSubnet(subnet: string): void {
  if (subnet === '') return
  const quoted = JSON.stringify(subnet)
  if (!subnet.includes('/')) refuse([400, `invalid JSON: netip.ParsePrefix(${quoted}): no '/'`])
  const address = subnet.slice(0, subnet.indexOf('/'))
  if (isIP(address) === 0)
    refuse([
      400,
      `invalid JSON: netip.ParsePrefix(${quoted}): ParseAddr(${JSON.stringify(address)}): unable to parse IP`,
    ])
}

function checkAddress(address: string): void {
  if (address !== '' && isIP(address) === 0)
    refuse([400, `invalid JSON: ParseAddr(${JSON.stringify(address)}): unable to parse IP`])
}

function checkPort(port: string): void {
  const [number = ''] = port.split('/')
  if (!/^\d+$/.test(number)) refuse([400, `invalid JSON: invalid port '${number}': invalid syntax`])
  if (Number(number) > MAX_PORT) refuse([400, `invalid JSON: invalid port '${number}': value out of range`])
}
