import { readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

import type { Files, Processes } from './ports.ts'
import { systemFiles } from './system.ts'

/**
 * Processes as Linux tells of them: an identity is boot, pid namespace, pid and start time, so a pid that was given anew
 * is not mistaken for the old process. Elsewhere every other process is `unknown`.
 */
export const systemProcesses: Processes = readProcesses(systemFiles)

/** The same by another `/proc`. */
export function readProcesses(files: Pick<Files, 'readText'>): Processes {
  return {
    self: async () => [...(await place()), process.pid, (await startTime(files, process.pid)) ?? 0].join('/'),
    state: async (identity) => {
      const [boot, namespace, pid, started] = identity.split('/')
      const [ownBoot, ownNamespace] = await place()
      if (boot !== ownBoot || namespace !== ownNamespace || namespace === '' || !/^\d+$/.test(pid ?? ''))
        return 'unknown'
      const found = await startTime(files, Number(pid))
      // With hidepid (proc(5)), or systemd's ProtectProc=, the processes of other users are not seen there.
      if (found === undefined && isThere(Number(pid))) return 'unknown'
      return found === started ? 'alive' : 'dead'
    },
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

async function place(): Promise<[boot: string, namespace: string]> {
  const boot = await systemFiles.readText('/proc/sys/kernel/random/boot_id').catch(() => undefined)
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '')
  return [boot?.trim() ?? hostname(), namespace]
}

// Field 22 of /proc/PID/stat, in clock ticks since boot (proc(5)); the second field is in brackets and may hold anything.
async function startTime(files: Pick<Files, 'readText'>, pid: number): Promise<string | undefined> {
  const stat = await files.readText(`/proc/${pid}/stat`).catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
