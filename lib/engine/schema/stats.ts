import * as z from 'zod/mini'

import { int64, list, map, maybe, objectMap, type Int64 } from './shape.ts'

export interface CpuUsage {
  /** Nanoseconds. */
  total_usage: Int64
  usage_in_kernelmode?: Int64 | undefined
  usage_in_usermode?: Int64 | undefined
  percpu_usage: Int64[]
}

export interface ThrottlingData {
  periods: Int64
  throttled_periods: Int64
  /** Nanoseconds. */
  throttled_time: Int64
}

export interface CpuStats {
  cpu_usage: CpuUsage
  /** Nanoseconds of the whole host; absent in the first report and on Windows. */
  system_cpu_usage?: Int64 | undefined
  online_cpus?: number | undefined
  throttling_data?: ThrottlingData | undefined
}

export interface MemoryStats {
  /** Bytes; absent when the container does not run. */
  usage?: Int64 | undefined
  max_usage?: Int64 | undefined
  limit?: Int64 | undefined
  /** How often the limit was met; cgroup v1. */
  failcnt?: Int64 | undefined
  /** Windows, bytes. */
  commitbytes?: Int64 | undefined
  commitpeakbytes?: Int64 | undefined
  privateworkingset?: Int64 | undefined
  /** The kernel's own counters, which differ between cgroup v1 and v2. */
  stats: Record<string, Int64>
}

export interface NetworkStats {
  rx_bytes: Int64
  rx_packets: Int64
  rx_errors: Int64
  rx_dropped: Int64
  tx_bytes: Int64
  tx_packets: Int64
  tx_errors: Int64
  tx_dropped: Int64
  /** Windows. */
  endpoint_id?: string | undefined
  instance_id?: string | undefined
}

export interface BlkioEntry {
  major: number
  minor: number
  op: string
  value: Int64
}

export interface BlkioStats {
  io_service_bytes_recursive: BlkioEntry[]
  io_serviced_recursive: BlkioEntry[]
  /** The rest is of cgroup v1. */
  io_queue_recursive: BlkioEntry[]
  io_service_time_recursive: BlkioEntry[]
  io_wait_time_recursive: BlkioEntry[]
  io_merged_recursive: BlkioEntry[]
  io_time_recursive: BlkioEntry[]
  sectors_recursive: BlkioEntry[]
}

/** Windows. Reads and writes, and their bytes. */
export interface StorageStats {
  read_count_normalized?: Int64 | undefined
  read_size_bytes?: Int64 | undefined
  write_count_normalized?: Int64 | undefined
  write_size_bytes?: Int64 | undefined
}

/** A report of `GET /containers/{id}/stats`. */
export interface ContainerStats {
  id?: string | undefined
  name?: string | undefined
  /** RFC 3339; `0001-01-01T00:00:00Z` for never. */
  read: string
  preread: string
  /** Needs API 1.52. */
  os_type?: string | undefined
  /** Windows: CPUs that were counted. */
  num_procs?: number | undefined
  pids_stats?: { current?: Int64 | undefined; limit?: Int64 | undefined } | undefined
  cpu_stats: CpuStats
  /** The report before; what a percentage is made from. */
  precpu_stats: CpuStats
  memory_stats: MemoryStats
  blkio_stats?: BlkioStats | undefined
  storage_stats?: StorageStats | undefined
  /** By interface; empty without a network. */
  networks: Record<string, NetworkStats>
}

const blkioEntries: z.ZodMiniType<BlkioEntry[]> = list(
  z.looseObject({ major: z.number(), minor: z.number(), op: z.string(), value: int64 }),
)

const cpuStats: z.ZodMiniType<CpuStats> = z.looseObject({
  cpu_usage: z.looseObject({
    total_usage: int64,
    usage_in_kernelmode: maybe(int64),
    usage_in_usermode: maybe(int64),
    percpu_usage: list(int64),
  }),
  system_cpu_usage: maybe(int64),
  online_cpus: maybe(z.number()),
  throttling_data: maybe(z.looseObject({ periods: int64, throttled_periods: int64, throttled_time: int64 })),
})

export const containerStats: z.ZodMiniType<ContainerStats> = z.looseObject({
  id: maybe(z.string()),
  name: maybe(z.string()),
  read: z.string(),
  preread: z.string(),
  os_type: maybe(z.string()),
  num_procs: maybe(z.number()),
  pids_stats: maybe(z.looseObject({ current: maybe(int64), limit: maybe(int64) })),
  cpu_stats: cpuStats,
  precpu_stats: cpuStats,
  memory_stats: z.looseObject({
    usage: maybe(int64),
    max_usage: maybe(int64),
    limit: maybe(int64),
    failcnt: maybe(int64),
    commitbytes: maybe(int64),
    commitpeakbytes: maybe(int64),
    privateworkingset: maybe(int64),
    stats: map<Int64>((value) => typeof value === 'number' || typeof value === 'bigint'),
  }),
  blkio_stats: maybe(
    z.looseObject({
      io_service_bytes_recursive: blkioEntries,
      io_serviced_recursive: blkioEntries,
      io_queue_recursive: blkioEntries,
      io_service_time_recursive: blkioEntries,
      io_wait_time_recursive: blkioEntries,
      io_merged_recursive: blkioEntries,
      io_time_recursive: blkioEntries,
      sectors_recursive: blkioEntries,
    }),
  ),
  storage_stats: maybe(
    z.looseObject({
      read_count_normalized: maybe(int64),
      read_size_bytes: maybe(int64),
      write_count_normalized: maybe(int64),
      write_size_bytes: maybe(int64),
    }),
  ),
  networks: objectMap<NetworkStats>(),
})
