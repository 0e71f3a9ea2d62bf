import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'

/** Addresses asked for. */
export interface EndpointIpamConfig {
  IPv4Address?: string | undefined
  IPv6Address?: string | undefined
  LinkLocalIPs: string[]
}

/** A container's place in one network. */
export interface EndpointSettings {
  IPAMConfig?: EndpointIpamConfig | undefined
  Links: string[]
  /** Below API 1.45 the short id too. */
  Aliases?: string[] | null | undefined
  /** To ask for one needs API 1.44. */
  MacAddress: string
  DriverOpts: Record<string, string>
  /** Needs API 1.48. */
  GwPriority?: number | undefined
  NetworkID: string
  EndpointID: string
  Gateway: string
  IPAddress: string
  IPPrefixLen: number
  IPv6Gateway?: string | undefined
  GlobalIPv6Address?: string | undefined
  GlobalIPv6PrefixLen?: number | undefined
  /** Needs API 1.44. */
  DNSNames: string[]
}

const endpointSettings: z.ZodMiniType<EndpointSettings> = z.looseObject({
  IPAMConfig: maybe(
    z.looseObject({ IPv4Address: maybe(z.string()), IPv6Address: maybe(z.string()), LinkLocalIPs: list(z.string()) }),
  ),
  Links: list(z.string()),
  Aliases: z.nullish(z.array(z.string())),
  MacAddress: z.string(),
  DriverOpts: stringMap,
  GwPriority: maybe(z.number()),
  NetworkID: z.string(),
  EndpointID: z.string(),
  Gateway: z.string(),
  IPAddress: z.string(),
  IPPrefixLen: z.number(),
  IPv6Gateway: maybe(z.string()),
  GlobalIPv6Address: maybe(z.string()),
  GlobalIPv6PrefixLen: maybe(z.number()),
  DNSNames: list(z.string()),
})

/** Endpoints by network name. */
export const endpoints: z.ZodMiniType<Record<string, EndpointSettings>> = z.pipe(
  z.nullish(z.record(z.string(), endpointSettings)),
  z.transform((value) => value ?? {}),
)
