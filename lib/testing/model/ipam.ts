/** An IPv4 range in CIDR form. */
export interface Subnet {
  readonly base: number
  readonly prefix: number
}

export function parseSubnet(cidr: string): Subnet | undefined {
  const [address = '', bits] = cidr.split('/')
  const base = parseAddress(address)
  const prefix = Number(bits)
  if (base === undefined || bits === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > 32)
    return undefined
  return { base: base - (base % sizeOf(prefix)), prefix }
}

export function parseAddress(text: string): number | undefined {
  const parts = text.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

export function formatSubnet({ base, prefix }: Subnet): string {
  return `${formatAddress(base)}/${prefix}`
}

export function contains({ base, prefix }: Subnet, address: number): boolean {
  return address >= base && address < base + sizeOf(prefix)
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return contains(a, b.base) || contains(b, a.base)
}

/** The lowest address of the subnet that is not taken; network and broadcast address never. */
export function lowestFree({ base, prefix }: Subnet, taken: ReadonlySet<number>): number | undefined {
  for (let address = base + 1; address < base + sizeOf(prefix) - 1; address++) if (!taken.has(address)) return address
  return undefined
}

/** The first subnet of the pools that overlaps none of those in use. */
export function freeSubnet(pools: Iterable<Subnet>, used: readonly Subnet[]): Subnet | undefined {
  for (const pool of pools) if (!used.some((subnet) => overlaps(subnet, pool))) return pool
  return undefined
}

/** dockerd's default pools: 172.17/16 to 172.31/16, then 192.168/16 in steps of /20. */
export function* dockerPools(): Generator<Subnet> {
  for (let second = 17; second < 32; second++) yield { base: (172 * 256 + second) * 65_536, prefix: 16 }
  for (let third = 0; third < 256; third += 16) yield { base: (192 * 256 + 168) * 65_536 + third * 256, prefix: 20 }
}

/** podman's: 10.89.0/24 upwards. */
export function* podmanPools(): Generator<Subnet> {
  for (let third = 0; third < 65_536 * 2; third++) yield { base: (10 * 256 + 89) * 65_536 + third * 256, prefix: 24 }
}

/** The MAC address that dockerd up to 27 derives from an IPv4 address. */
export function macOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return ['02', '42', ...bytes].join(':')
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix)
}
