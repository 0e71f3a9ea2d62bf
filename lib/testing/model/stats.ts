import { setTimeout as sleep } from 'node:timers/promises'

import { printJson, type JsonObject } from '../../base/json.ts'
import type { Call } from './call.ts'
import { isUp, type Container } from './container.ts'
import { stream, type Reply } from './reply.ts'
import { goTime, now, type World } from './world.ts'

const MEMORY = 4_194_304
const LIMIT = 8_589_934_592

/** `GET /containers/{id}/stats`: once, or every second until the client leaves. */
export function statsReply(world: World, container: Container, { query, signal }: Call): Reply {
  const once = ['0', 'false'].includes(query.get('stream') ?? '')
  async function* samples(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield Buffer.from(`${printJson(statsJson(world, container))}\n`)
      if (once || !world.state.containers.has(container.id)) return
      await sleep(1000, undefined, { signal })
    }
  }
  return stream(samples())
}

/** Figures of a process that does little: some CPU time for each second that it ran, and constant memory. */
function statsJson(world: World, container: Container): JsonObject {
  const head = { name: `/${container.name}`, id: container.id }
  if (!isUp(container)) {
    const none = { read: '0001-01-01T00:00:00Z', preread: '0001-01-01T00:00:00Z', num_procs: 0, storage_stats: {} }
    return { ...head, ...none, pids_stats: {}, blkio_stats: {}, cpu_stats: {}, precpu_stats: {}, memory_stats: {} }
  }
  const ran = Math.max(1, now(world) - (container.startedAt ?? 0))
  const limit = Number(container.hostConfig['Memory'] ?? 0) || LIMIT
  const traffic = { rx_bytes: 1000, rx_packets: 10, rx_errors: 0, rx_dropped: 0 }
  const sent = { tx_bytes: 500, tx_packets: 5, tx_errors: 0, tx_dropped: 0 }
  return {
    ...head,
    read: goTime(now(world)),
    preread: goTime(now(world) - 1000),
    pids_stats: { current: 1, limit: 18_446_744_073_709_551_615n },
    blkio_stats: { io_service_bytes_recursive: [], io_serviced_recursive: null },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu(ran),
    precpu_stats: cpu(Math.max(0, ran - 1000)),
    memory_stats: { usage: MEMORY, stats: { inactive_file: 0 }, limit },
    networks: { eth0: { ...traffic, ...sent } },
  }
}

function cpu(ms: number): JsonObject {
  return {
    cpu_usage: { total_usage: ms * 1000, usage_in_kernelmode: ms * 400, usage_in_usermode: ms * 600 },
    system_cpu_usage: (1_000_000 + ms) * 2_000_000,
    online_cpus: 2,
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  }
}
