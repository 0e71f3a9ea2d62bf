import * as z from 'zod/mini'

import { mount, type Mount } from './mounts.ts'
import { resourceShape, type Resources } from './resources.ts'
import { int64, list, map, maybe, stringMap, type Int64 } from './shape.ts'

export interface PortBinding {
  /** Empty for all addresses. */
  HostIp: string
  /** Empty for one that the engine chooses. */
  HostPort: string
}

export interface RestartPolicy {
  /** `""` means `no`. */
  Name: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure' | (string & {})
  MaximumRetryCount?: Int64 | undefined
}

/** What the host gives a container: limits, mounts, ports, namespaces, rights. */
export interface HostConfig extends Resources {
  /** `source:target[:options]` */
  Binds: string[]
  ContainerIDFile?: string | undefined
  LogConfig?: { Type: string; Config: Record<string, string> } | undefined
  /** `bridge`, `host`, `none`, `container:<id>`, or the name of a network; `default` is the engine's. */
  NetworkMode: string
  /** By `80/tcp`. */
  PortBindings: Record<string, PortBinding[] | null>
  RestartPolicy: RestartPolicy
  AutoRemove: boolean
  VolumeDriver?: string | undefined
  VolumesFrom: string[]
  Mounts: Mount[]
  /** Height and width. */
  ConsoleSize: number[]
  /** Needs API 1.43. */
  Annotations: Record<string, string>
  CapAdd: string[]
  CapDrop: string[]
  CgroupnsMode?: string | undefined
  Dns: string[]
  DnsOptions: string[]
  DnsSearch: string[]
  /** `name:address` */
  ExtraHosts: string[]
  GroupAdd: string[]
  IpcMode: string
  Cgroup?: string | undefined
  Links: string[]
  OomScoreAdj?: Int64 | undefined
  PidMode: string
  Privileged: boolean
  PublishAllPorts?: boolean | undefined
  ReadonlyRootfs?: boolean | undefined
  SecurityOpt: string[]
  StorageOpt: Record<string, string>
  Tmpfs: Record<string, string>
  /** Octal, for instance `0027`. Needs API 1.56. */
  Umask?: string | undefined
  UTSMode?: string | undefined
  UsernsMode?: string | undefined
  /** Bytes. */
  ShmSize?: Int64 | undefined
  Sysctls: Record<string, string>
  Runtime?: string | undefined
  Isolation?: string | undefined
  /** Empty here means none or the engine's own: only `inspectRaw` tells null from `[]`. */
  MaskedPaths: string[]
  ReadonlyPaths: string[]
}

export const hostConfig: z.ZodMiniType<HostConfig> = z.looseObject({
  ...resourceShape,
  Binds: list(z.string()),
  ContainerIDFile: maybe(z.string()),
  LogConfig: maybe(z.looseObject({ Type: z.string(), Config: stringMap })),
  NetworkMode: z.string(),
  PortBindings: map<PortBinding[] | null>(isBindings),
  RestartPolicy: z.looseObject({ Name: z.string(), MaximumRetryCount: maybe(int64) }),
  AutoRemove: z.boolean(),
  VolumeDriver: maybe(z.string()),
  VolumesFrom: list(z.string()),
  Mounts: list(mount),
  ConsoleSize: list(z.number()),
  Annotations: stringMap,
  CapAdd: list(z.string()),
  CapDrop: list(z.string()),
  CgroupnsMode: maybe(z.string()),
  Dns: list(z.string()),
  DnsOptions: list(z.string()),
  DnsSearch: list(z.string()),
  ExtraHosts: list(z.string()),
  GroupAdd: list(z.string()),
  IpcMode: z.string(),
  Cgroup: maybe(z.string()),
  Links: list(z.string()),
  OomScoreAdj: maybe(int64),
  PidMode: z.string(),
  Privileged: z.boolean(),
  PublishAllPorts: maybe(z.boolean()),
  ReadonlyRootfs: maybe(z.boolean()),
  SecurityOpt: list(z.string()),
  StorageOpt: stringMap,
  Tmpfs: stringMap,
  Umask: maybe(z.string()),
  UTSMode: maybe(z.string()),
  UsernsMode: maybe(z.string()),
  ShmSize: maybe(int64),
  Sysctls: stringMap,
  Runtime: maybe(z.string()),
  Isolation: maybe(z.string()),
  MaskedPaths: list(z.string()),
  ReadonlyPaths: list(z.string()),
})

/** Bindings of one port: null where it is exposed and not published. */
export function isBindings(value: unknown): boolean {
  return value === null || Array.isArray(value)
}
