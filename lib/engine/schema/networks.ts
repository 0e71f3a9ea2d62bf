import * as z from 'zod/mini'

import { list, maybe, objectMap, stringMap, type Int64 } from './shape.ts'

export interface IpamConfig {
  Subnet?: string | undefined
  IPRange?: string | undefined
  Gateway?: string | undefined
  AuxiliaryAddresses: Record<string, string>
}

/** `GET /networks`, `GET /networks/{id}`. `Containers` is filled by inspect only. */
export interface Network {
  Id: string
  Name: string
  /** RFC 3339. */
  Created: string
  /** `local`, `swarm`, `global` */
  Scope: string
  Driver: string
  /** Needs API 1.48. */
  EnableIPv4?: boolean | undefined
  EnableIPv6?: boolean | undefined
  Internal: boolean
  Attachable: boolean
  Ingress?: boolean | undefined
  ConfigOnly?: boolean | undefined
  ConfigFrom?: { Network: string } | undefined
  IPAM: { Driver?: string | undefined; Options: Record<string, string>; Config: IpamConfig[] }
  Containers: Record<string, NetworkMember>
  /** Of an overlay network: the nodes that have joined it. */
  Peers: { Name: string; IP: string }[]
  /** By name, with `verbose` only. */
  Services: Record<string, NetworkService>
  Options: Record<string, string>
  Labels: Record<string, string>
  /** Of an inspect. Needs API 1.52. */
  Status?: NetworkStatus | undefined
}

/** How full a network is. */
export interface NetworkStatus {
  /** By subnet; the counts of an IPv6 one go beyond 2^53. */
  IPAM: { Subnets: Record<string, { IPsInUse: Int64; DynamicIPsAvailable: Int64 }> }
}

/** A service on a network of the swarm. */
export interface NetworkService {
  VIP: string
  Ports: string[]
  LocalLBIndex: number
  Tasks: { Name: string; EndpointID: string; EndpointIP: string; Info: Record<string, string> }[]
}

export interface NetworkMember {
  Name: string
  EndpointID: string
  MacAddress: string
  IPv4Address: string
  IPv6Address: string
}

export const network: z.ZodMiniType<Network> = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  Scope: z.string(),
  Driver: z.string(),
  EnableIPv4: maybe(z.boolean()),
  EnableIPv6: maybe(z.boolean()),
  Internal: z.boolean(),
  Attachable: z.boolean(),
  Ingress: maybe(z.boolean()),
  ConfigOnly: maybe(z.boolean()),
  ConfigFrom: maybe(z.looseObject({ Network: z.string() })),
  IPAM: z.looseObject({
    Driver: maybe(z.string()),
    Options: stringMap,
    Config: list(
      z.looseObject({
        Subnet: maybe(z.string()),
        IPRange: maybe(z.string()),
        Gateway: maybe(z.string()),
        AuxiliaryAddresses: stringMap,
      }),
    ),
  }),
  Containers: objectMap<NetworkMember>(),
  Peers: list(z.looseObject({ Name: z.string(), IP: z.string() })),
  Services: objectMap<NetworkService>(),
  Options: stringMap,
  Labels: stringMap,
  Status: maybe(
    z.looseObject({
      IPAM: z.looseObject({ Subnets: objectMap<{ IPsInUse: Int64; DynamicIPsAvailable: Int64 }>() }),
    }),
  ),
})

export const networks: z.ZodMiniType<Network[]> = list(network)

/** `POST /networks/create` */
export interface NetworkCreateResponse {
  Id: string
  Warning: string | undefined
}

export const networkCreateResponse: z.ZodMiniType<NetworkCreateResponse> = z.looseObject({
  Id: z.string(),
  Warning: maybe(z.string()),
})

/** `POST /networks/prune` */
export interface NetworkPruneResponse {
  /** Names. */
  NetworksDeleted: string[]
}

export const networkPruneResponse: z.ZodMiniType<NetworkPruneResponse> = z.looseObject({
  NetworksDeleted: list(z.string()),
})
