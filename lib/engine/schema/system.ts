import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'

/** What `_ping` tells in its headers. */
export interface PingResult {
  /** Newest API version of the engine; absent before API 1.24 and behind some proxies. */
  apiVersion: string | undefined
  osType: string | undefined
  builderVersion: string | undefined
  swarm: string | undefined
}

/** `GET /version` */
export interface SystemVersion {
  Version: string
  ApiVersion: string
  MinAPIVersion?: string | undefined
  Os: string
  Arch: string
  KernelVersion?: string | undefined
  GoVersion?: string | undefined
  GitCommit?: string | undefined
  BuildTime?: string | undefined
  Experimental?: boolean | undefined
  Platform?: { Name: string } | undefined
  Components: { Name: string; Version: string; Details: Record<string, string> }[]
}

export const systemVersion: z.ZodMiniType<SystemVersion> = z.looseObject({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: maybe(z.string()),
  Os: z.string(),
  Arch: z.string(),
  KernelVersion: maybe(z.string()),
  GoVersion: maybe(z.string()),
  GitCommit: maybe(z.string()),
  BuildTime: maybe(z.string()),
  Experimental: maybe(z.boolean()),
  Platform: maybe(z.looseObject({ Name: z.string() })),
  Components: list(z.looseObject({ Name: z.string(), Version: z.string(), Details: stringMap })),
})

/** `POST /auth` */
export interface AuthResponse {
  Status: string
  /** To be used in place of the password, where a registry hands one out. */
  IdentityToken?: string | undefined
}

export const authResponse: z.ZodMiniType<AuthResponse> = z.looseObject({
  Status: z.string(),
  IdentityToken: maybe(z.string()),
})
