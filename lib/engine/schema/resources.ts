import * as z from 'zod/mini'

import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'

export interface DeviceMapping {
  PathOnHost: string
  PathInContainer: string
  /** Of `rwm`. */
  CgroupPermissions: string
}

/** Devices asked of a driver, for instance GPUs. */
export interface DeviceRequest {
  Driver: string
  /** -1 means all. */
  Count: number
  DeviceIDs: string[]
  Capabilities: string[][]
  Options: Record<string, string>
}

export interface Ulimit {
  Name: string
  Soft: Int64
  Hard: Int64
}

export interface ThrottleDevice {
  Path: string
  /** Bytes or operations a second. */
  Rate: Int64
}

export interface WeightDevice {
  Path: string
  Weight: number
}

/** Limits of a container: what `update` can change. Absent on podman where it knows none. */
export interface Resources {
  /** Relative weight, default 1024. */
  CpuShares?: Int64 | undefined
  /** Bytes; 0 is no limit. */
  Memory: Int64
  CgroupParent?: string | undefined
  /** 10 to 1000. */
  BlkioWeight?: number | undefined
  BlkioWeightDevice: WeightDevice[]
  BlkioDeviceReadBps: ThrottleDevice[]
  BlkioDeviceWriteBps: ThrottleDevice[]
  BlkioDeviceReadIOps: ThrottleDevice[]
  BlkioDeviceWriteIOps: ThrottleDevice[]
  /** Microseconds. */
  CpuPeriod?: Int64 | undefined
  /** Microseconds in each period. */
  CpuQuota?: Int64 | undefined
  CpuRealtimePeriod?: Int64 | undefined
  CpuRealtimeRuntime?: Int64 | undefined
  /** `0-3,8` */
  CpusetCpus?: string | undefined
  CpusetMems?: string | undefined
  Devices: DeviceMapping[]
  DeviceCgroupRules: string[]
  DeviceRequests: DeviceRequest[]
  /** Bytes. Gone with API 1.42. */
  KernelMemory?: Int64 | undefined
  KernelMemoryTCP?: Int64 | undefined
  /** Bytes. */
  MemoryReservation?: Int64 | undefined
  /** Bytes, memory and swap together; -1 is no limit. */
  MemorySwap?: Int64 | undefined
  /** 0 to 100. */
  MemorySwappiness?: Int64 | undefined
  /** Billionths of a CPU. */
  NanoCpus: Int64
  /** Windows: CPUs, a share in 10,000ths of a percent, operations and bytes a second of the system drive. */
  CpuCount?: Int64 | undefined
  CpuPercent?: Int64 | undefined
  IOMaximumIOps?: Int64 | undefined
  IOMaximumBandwidth?: Int64 | undefined
  OomKillDisable?: boolean | undefined
  Init?: boolean | undefined
  /** -1 or 0 is no limit. */
  PidsLimit?: Int64 | undefined
  Ulimits: Ulimit[]
}

const throttleDevices: z.ZodMiniType<ThrottleDevice[]> = list(z.looseObject({ Path: z.string(), Rate: int64 }))

/** The members of {@link Resources}, for schemas that hold more. */
export const resourceShape: { [Key in keyof Required<Resources>]: z.ZodMiniType<Resources[Key]> } = {
  CpuShares: maybe(int64),
  Memory: int64,
  CgroupParent: maybe(z.string()),
  BlkioWeight: maybe(z.number()),
  BlkioWeightDevice: list<WeightDevice>(z.looseObject({ Path: z.string(), Weight: z.number() })),
  BlkioDeviceReadBps: throttleDevices,
  BlkioDeviceWriteBps: throttleDevices,
  BlkioDeviceReadIOps: throttleDevices,
  BlkioDeviceWriteIOps: throttleDevices,
  CpuPeriod: maybe(int64),
  CpuQuota: maybe(int64),
  CpuRealtimePeriod: maybe(int64),
  CpuRealtimeRuntime: maybe(int64),
  CpusetCpus: maybe(z.string()),
  CpusetMems: maybe(z.string()),
  Devices: list<DeviceMapping>(
    z.looseObject({ PathOnHost: z.string(), PathInContainer: z.string(), CgroupPermissions: z.string() }),
  ),
  DeviceCgroupRules: list(z.string()),
  DeviceRequests: list<DeviceRequest>(
    z.looseObject({
      Driver: z.string(),
      Count: z.number(),
      DeviceIDs: list(z.string()),
      Capabilities: list(list(z.string())),
      Options: stringMap,
    }),
  ),
  KernelMemory: maybe(int64),
  KernelMemoryTCP: maybe(int64),
  MemoryReservation: maybe(int64),
  MemorySwap: maybe(int64),
  MemorySwappiness: maybe(int64),
  NanoCpus: int64,
  CpuCount: maybe(int64),
  CpuPercent: maybe(int64),
  IOMaximumIOps: maybe(int64),
  IOMaximumBandwidth: maybe(int64),
  OomKillDisable: maybe(z.boolean()),
  Init: maybe(z.boolean()),
  PidsLimit: maybe(int64),
  Ulimits: list<Ulimit>(z.looseObject({ Name: z.string(), Soft: int64, Hard: int64 })),
}
