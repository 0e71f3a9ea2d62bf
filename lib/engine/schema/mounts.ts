import * as z from 'zod/mini'

import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'

/** A mount asked for: of a container's `HostConfig` or of a service. */
export interface Mount {
  Type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image' | (string & {})
  /** Volume name, path on the host, or image; absent for tmpfs and anonymous volumes. */
  Source?: string | undefined
  Target: string
  ReadOnly?: boolean | undefined
  Consistency?: string | undefined
  BindOptions?: BindOptions | undefined
  VolumeOptions?: VolumeOptions | undefined
  /** Needs API 1.48. */
  ImageOptions?: { Subpath?: string | undefined } | undefined
  TmpfsOptions?: TmpfsOptions | undefined
}

export interface BindOptions {
  Propagation?: string | undefined
  NonRecursive?: boolean | undefined
  /** Needs API 1.42. */
  CreateMountpoint?: boolean | undefined
  /** Needs API 1.44: read-only binds are so in depth from then on. */
  ReadOnlyNonRecursive?: boolean | undefined
  ReadOnlyForceRecursive?: boolean | undefined
}

export interface TmpfsOptions {
  SizeBytes?: Int64 | undefined
  /** Permission bits, for instance `0o1777`. */
  Mode?: number | undefined
  /** `["noexec"]`, `["uid", "1000"]`. Needs API 1.46. */
  Options: string[][]
}

export interface VolumeOptions {
  NoCopy?: boolean | undefined
  Labels: Record<string, string>
  DriverConfig?: { Name?: string | undefined; Options: Record<string, string> } | undefined
  /** Needs API 1.45. */
  Subpath?: string | undefined
}

export const mount: z.ZodMiniType<Mount> = z.looseObject({
  Type: z.string(),
  Source: maybe(z.string()),
  Target: z.string(),
  ReadOnly: maybe(z.boolean()),
  Consistency: maybe(z.string()),
  BindOptions: maybe(
    z.looseObject({
      Propagation: maybe(z.string()),
      NonRecursive: maybe(z.boolean()),
      CreateMountpoint: maybe(z.boolean()),
      ReadOnlyNonRecursive: maybe(z.boolean()),
      ReadOnlyForceRecursive: maybe(z.boolean()),
    }),
  ),
  VolumeOptions: maybe(
    z.looseObject({
      NoCopy: maybe(z.boolean()),
      Labels: stringMap,
      DriverConfig: maybe(z.looseObject({ Name: maybe(z.string()), Options: stringMap })),
      Subpath: maybe(z.string()),
    }),
  ),
  ImageOptions: maybe(z.looseObject({ Subpath: maybe(z.string()) })),
  TmpfsOptions: maybe(
    z.looseObject({ SizeBytes: maybe(int64), Mode: maybe(z.number()), Options: list(list(z.string())) }),
  ),
})

/** A mount that a container has: `Mounts` of an inspect or a list. */
export interface MountPoint {
  Type: string
  /** Volume name; absent for a bind. */
  Name?: string | undefined
  /** Path on the host; empty for tmpfs. */
  Source: string
  Destination: string
  Driver?: string | undefined
  Mode?: string | undefined
  RW: boolean
  Propagation?: string | undefined
}

export const mountPoint: z.ZodMiniType<MountPoint> = z.looseObject({
  Type: z.string(),
  Name: maybe(z.string()),
  Source: z.string(),
  Destination: z.string(),
  Driver: maybe(z.string()),
  Mode: maybe(z.string()),
  RW: z.boolean(),
  Propagation: maybe(z.string()),
})
