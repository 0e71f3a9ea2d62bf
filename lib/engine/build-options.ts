import type { RegistryAuth } from '../base/registry-auth.ts'
import type { Filters, Query } from '../wire/query.ts'
import { platformText, type Platform } from './platform.ts'

export interface ImageBuildOptions {
  /** Path of the Dockerfile in the context; default `Dockerfile`. */
  readonly dockerfile?: string | undefined
  /** Names of the image, each with or without tag. */
  readonly t?: string | readonly string[] | undefined
  /** `name:address`, for steps. */
  readonly extrahosts?: readonly string[] | undefined
  /** Git or HTTP URL of the context. */
  readonly remote?: string | undefined
  /** Prints nothing but the id. */
  readonly q?: boolean | undefined
  readonly nocache?: boolean | undefined
  /** Images whose layers may be taken. */
  readonly cachefrom?: readonly string[] | undefined
  /** Pull base images even when they are there. */
  readonly pull?: boolean | undefined
  /** Remove containers of steps; default yes. */
  readonly rm?: boolean | undefined
  /** The same after a failure. */
  readonly forcerm?: boolean | undefined
  /** Bytes. */
  readonly memory?: number | undefined
  /** Bytes, memory and swap together; -1 is no limit. */
  readonly memswap?: number | undefined
  readonly cpushares?: number | undefined
  readonly cpusetcpus?: string | undefined
  /** Microseconds. */
  readonly cpuperiod?: number | undefined
  readonly cpuquota?: number | undefined
  readonly buildargs?: Readonly<Record<string, string | null>> | undefined
  /** Bytes. */
  readonly shmsize?: number | undefined
  /** One layer; wants an experimental engine. */
  readonly squash?: boolean | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly networkmode?: string | undefined
  readonly platform?: Platform | undefined
  /** Stage to build. */
  readonly target?: string | undefined
  readonly outputs?: string | undefined
  /** `1`, the classic builder, or `2`, BuildKit. */
  readonly version?: '1' | '2' | undefined
  /** Credentials by registry host, for base images. */
  readonly registryConfig?: Readonly<Record<string, RegistryAuth>> | undefined
}

/** The query of a build: names and hosts repeat their keys, the cache's images go as JSON. */
export function buildQuery(options: ImageBuildOptions): Query {
  const cachefrom = options.cachefrom === undefined ? undefined : JSON.stringify(options.cachefrom)
  const platform = options.platform === undefined ? undefined : platformText(options.platform)
  return { ...options, cachefrom, platform, registryConfig: undefined }
}

export interface BuildPruneOptions {
  /** All of the cache and not only what dangles. */
  readonly all?: boolean | undefined
  readonly filters?: Filters | undefined
  /** Bytes to keep. Up to API 1.47, then `reservedSpace`. */
  readonly keepStorage?: number | undefined
  /** Bytes to keep in any case. Needs API 1.48. */
  readonly reservedSpace?: number | undefined
  /** Bytes to keep at most. Needs API 1.48. */
  readonly maxUsedSpace?: number | undefined
  /** Bytes of the disk to leave free. Needs API 1.48. */
  readonly minFreeSpace?: number | undefined
}
