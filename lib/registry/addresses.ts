import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Who resolves names; the operating system unless told otherwise. */
export const defaultLookup: LookupFunction = systemLookup

// IANA's special-purpose registries: what is not reachable from everywhere.
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]
const PRIVATE_V6: readonly (readonly [string, number])[] = [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]
const blocked = new BlockList()
for (const [net, bits] of PRIVATE_V4) {
  blocked.addSubnet(net, bits, 'ipv4') // its IPv4-mapped form `::ffff:…` too
  blocked.addSubnet(`64:ff9b::${net}`, 96 + bits, 'ipv6') // NAT64
}
for (const [net, bits] of PRIVATE_V6) blocked.addSubnet(net, bits, 'ipv6')

/** True for an address that is reachable from everywhere: no loopback, link-local, private or reserved one. */
export function isPublicAddress(address: string): boolean {
  const [plain = ''] = address.split('%', 1)
  const family = isIP(plain)
  return family !== 0 && !blocked.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

/** A name led to an address that a stranger may not send us to. */
export class AddressRefused extends Error {
  readonly address: string

  constructor(host: string, address: string) {
    super(host === address ? `${address} is not a public address` : `${host} is at ${address}, not a public address`)
    this.address = address
  }
}

/**
 * Resolves names to public addresses only. It is the lookup of the connection itself, so that a name which changes its
 * address between a check and the connection (DNS rebinding) gains nothing.
 */
export function publicOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : []
      const [first] = addresses
      const bad = addresses.find(({ address }) => !isPublicAddress(address))
      if (error !== null || first === undefined) callback(error ?? new Error(`${hostname} has no address`), [])
      else if (bad !== undefined) callback(new AddressRefused(hostname, bad.address), [])
      else if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/** The address in a URL host that is one already and so is never looked up. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return isIP(bare) === 0 ? undefined : bare
}
