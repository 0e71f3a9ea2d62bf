import * as z from 'zod/mini'

import { list, map, maybe } from './shape.ts'
import { swarmCluster, type SwarmCluster } from './swarm.ts'
import { genericResources, type GenericResource } from './swarm-object.ts'

/** A node of the swarm that can be reached as a manager. */
export interface SwarmPeer {
  NodeID: string
  /** `address:port` */
  Addr: string
}

/** What `GET /info` tells of the swarm. */
export interface SwarmInfo {
  NodeID: string
  NodeAddr?: string | undefined
  /** `inactive`, `pending`, `active`, `error`, `locked` */
  LocalNodeState: string
  ControlAvailable: boolean
  Error: string
  RemoteManagers: SwarmPeer[]
  /** Of a manager only. */
  Nodes?: number | undefined
  Managers?: number | undefined
  Cluster?: SwarmCluster | undefined
}

const swarmInfo: z.ZodMiniType<SwarmInfo> = z.looseObject({
  NodeID: z.string(),
  NodeAddr: maybe(z.string()),
  LocalNodeState: z.string(),
  ControlAvailable: z.boolean(),
  Error: z.string(),
  RemoteManagers: list(z.looseObject({ NodeID: z.string(), Addr: z.string() })),
  Nodes: maybe(z.number()),
  Managers: maybe(z.number()),
  Cluster: maybe(swarmCluster),
})

export interface RegistryServiceConfig {
  InsecureRegistryCIDRs: string[]
  IndexConfigs: Record<string, { Name: string; Mirrors: string[]; Secure: boolean; Official: boolean }>
  Mirrors: string[]
}

/** Plugins of an engine, built in and installed. */
export interface EnginePlugins {
  Volume: string[]
  Network: string[]
  Authorization: string[]
  Log: string[]
}

/** A program that the engine starts containers with. */
export interface EngineRuntime {
  path?: string | undefined
  runtimeArgs?: string[] | null | undefined
  /** Needs API 1.44. */
  status?: Record<string, string> | null | undefined
}

const NO_PLUGINS: EnginePlugins = { Volume: [], Network: [], Authorization: [], Log: [] }

const plugins: z.ZodMiniType<EnginePlugins> = z.pipe(
  z.nullish(
    z.looseObject({
      Volume: list(z.string()),
      Network: list(z.string()),
      Authorization: list(z.string()),
      Log: list(z.string()),
    }),
  ),
  z.transform((value) => value ?? { ...NO_PLUGINS }),
)

const pairs: z.ZodMiniType<[string, string][]> = list(z.tuple([z.string(), z.string()]))

const commit: z.ZodMiniType<{ ID: string } | undefined> = maybe(z.looseObject({ ID: z.string() }))

/** `GET /info`, what most engines have in common. */
export interface SystemInfo {
  /** Empty on podman. */
  ID: string
  Name: string
  ServerVersion: string
  /** Storage driver, for instance `overlay2`. */
  Driver: string
  /** `[["driver-type", "io.containerd.snapshotter.v1"]]` tells the containerd image store. */
  DriverStatus: [string, string][]
  DockerRootDir?: string | undefined
  OSType: string
  Architecture: string
  OperatingSystem: string
  OSVersion?: string | undefined
  KernelVersion?: string | undefined
  Containers: number
  ContainersRunning: number
  ContainersPaused: number
  ContainersStopped: number
  Images: number
  NCPU: number
  /** Bytes. */
  MemTotal: number
  /** Names by kind. */
  Plugins: EnginePlugins
  CgroupDriver?: string | undefined
  CgroupVersion?: string | undefined
  DefaultRuntime?: string | undefined
  Runtimes: Record<string, EngineRuntime>
  Swarm?: SwarmInfo | undefined
  RegistryConfig?: RegistryServiceConfig | undefined
  HttpProxy?: string | undefined
  HttpsProxy?: string | undefined
  NoProxy?: string | undefined
  Labels: string[]
  ExperimentalBuild?: boolean | undefined
  LiveRestoreEnabled?: boolean | undefined
  InitBinary?: string | undefined
  /** RFC 3339, the engine's own clock. */
  SystemTime?: string | undefined
  SecurityOptions: string[]
  /** What the kernel lets the engine limit. */
  MemoryLimit?: boolean | undefined
  SwapLimit?: boolean | undefined
  CpuCfsPeriod?: boolean | undefined
  CpuCfsQuota?: boolean | undefined
  CPUShares?: boolean | undefined
  CPUSet?: boolean | undefined
  PidsLimit?: boolean | undefined
  OomKillDisable?: boolean | undefined
  /** Gone with API 1.42. */
  KernelMemoryTCP?: boolean | undefined
  IPv4Forwarding?: boolean | undefined
  Debug?: boolean | undefined
  /** Open files and goroutines; 0 unless `Debug`. */
  NFd?: number | undefined
  NGoroutines?: number | undefined
  NEventsListener?: number | undefined
  /** Default log driver of containers. */
  LoggingDriver?: string | undefined
  IndexServerAddress?: string | undefined
  GenericResources: GenericResource[]
  /** Windows: `process`, `hyperv`. */
  Isolation?: string | undefined
  ContainerdCommit?: { ID: string } | undefined
  RuncCommit?: { ID: string } | undefined
  InitCommit?: { ID: string } | undefined
  ProductLicense?: string | undefined
  /** Pools that new networks are cut from; absent where they are the engine's own. */
  DefaultAddressPools: { Base: string; Size: number }[]
  /** Needs API 1.50. */
  DiscoveredDevices: { Source: string; ID: string }[]
  /** Needs API 1.46. */
  CDISpecDirs: string[]
  /** Needs API 1.46. */
  Containerd?:
    | { Address?: string | undefined; Namespaces?: { Containers: string; Plugins: string } | undefined }
    | undefined
  Warnings: string[]
  /** Needs API 1.49; `Info` as pairs of name and value. */
  FirewallBackend?: { Driver: string; Info: [string, string][] } | undefined
  /** Node resource interface. Needs API 1.53. */
  NRI?: { Info: [string, string][] } | undefined
}

export const systemInfo: z.ZodMiniType<SystemInfo> = z.looseObject({
  ID: z.string(),
  Name: z.string(),
  ServerVersion: z.string(),
  Driver: z.string(),
  DriverStatus: list(z.tuple([z.string(), z.string()])),
  DockerRootDir: maybe(z.string()),
  OSType: z.string(),
  Architecture: z.string(),
  OperatingSystem: z.string(),
  OSVersion: maybe(z.string()),
  KernelVersion: maybe(z.string()),
  Containers: z.number(),
  ContainersRunning: z.number(),
  ContainersPaused: z.number(),
  ContainersStopped: z.number(),
  Images: z.number(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Plugins: plugins,
  CgroupDriver: maybe(z.string()),
  CgroupVersion: maybe(z.string()),
  DefaultRuntime: maybe(z.string()),
  Runtimes: map<EngineRuntime>((value) => typeof value === 'object'),
  Swarm: maybe(swarmInfo),
  RegistryConfig: maybe(
    z.looseObject({
      InsecureRegistryCIDRs: list(z.string()),
      IndexConfigs: map<RegistryServiceConfig['IndexConfigs'][string]>((value) => typeof value === 'object'),
      Mirrors: list(z.string()),
    }),
  ),
  HttpProxy: maybe(z.string()),
  HttpsProxy: maybe(z.string()),
  NoProxy: maybe(z.string()),
  Labels: list(z.string()),
  ExperimentalBuild: maybe(z.boolean()),
  LiveRestoreEnabled: maybe(z.boolean()),
  InitBinary: maybe(z.string()),
  SystemTime: maybe(z.string()),
  SecurityOptions: list(z.string()),
  MemoryLimit: maybe(z.boolean()),
  SwapLimit: maybe(z.boolean()),
  CpuCfsPeriod: maybe(z.boolean()),
  CpuCfsQuota: maybe(z.boolean()),
  CPUShares: maybe(z.boolean()),
  CPUSet: maybe(z.boolean()),
  PidsLimit: maybe(z.boolean()),
  OomKillDisable: maybe(z.boolean()),
  KernelMemoryTCP: maybe(z.boolean()),
  IPv4Forwarding: maybe(z.boolean()),
  Debug: maybe(z.boolean()),
  NFd: maybe(z.number()),
  NGoroutines: maybe(z.number()),
  NEventsListener: maybe(z.number()),
  LoggingDriver: maybe(z.string()),
  IndexServerAddress: maybe(z.string()),
  GenericResources: genericResources,
  Isolation: maybe(z.string()),
  ContainerdCommit: commit,
  RuncCommit: commit,
  InitCommit: commit,
  ProductLicense: maybe(z.string()),
  DefaultAddressPools: list(z.looseObject({ Base: z.string(), Size: z.number() })),
  DiscoveredDevices: list(z.looseObject({ Source: z.string(), ID: z.string() })),
  CDISpecDirs: list(z.string()),
  Containerd: maybe(
    z.looseObject({
      Address: maybe(z.string()),
      Namespaces: maybe(z.looseObject({ Containers: z.string(), Plugins: z.string() })),
    }),
  ),
  Warnings: list(z.string()),
  FirewallBackend: maybe(z.looseObject({ Driver: z.string(), Info: pairs })),
  NRI: maybe(z.looseObject({ Info: pairs })),
})
