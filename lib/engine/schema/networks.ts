import * as z from 'zod/mini'

import { list, maybe, objectMap, stringMap } from './shape.ts'

export interface IpamConfig {
  Subnet?: string | undefined
  IPRange?: string | undefined
  Gateway?: string | undefined
}

/** `GET /networks`, `GET /networks/{id}`. `Containers` is filled by inspect only. */
export interface Network {
  Id: string
  Name: string
  /** RFC 3339. */
  Created: string
  Scope: string
  Driver: string
  Internal: boolean
  Attachable: boolean
  IPAM: { Driver?: string | undefined; Config: IpamConfig[] }
  Containers: Record<string, NetworkMember>
  Options: Record<string, string>
  Labels: Record<string, string>
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
  Internal: z.boolean(),
  Attachable: z.boolean(),
  IPAM: z.looseObject({
    Driver: maybe(z.string()),
    Config: list(z.looseObject({ Subnet: maybe(z.string()), IPRange: maybe(z.string()), Gateway: maybe(z.string()) })),
  }),
  Containers: objectMap<NetworkMember>(),
  Options: stringMap,
  Labels: stringMap,
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
