import { readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { isMainThread, threadId } from 'node:worker_threads'

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
    self: async () => {
      const { started = '0' } = (await readStat(files, process.pid)) ?? {}
      // Each thread of a process has a library of its own, which knows nothing of what the others do.
      const thread = isMainThread ? '' : `.${threadId}`
      return [...(await place()), process.pid, `${started}${thread}`].join('/')
    },
    state: async (identity) => {
      const [boot, namespace, pid, life = ''] = identity.split('/')
      const [ownBoot, ownNamespace] = await place()
      if (boot !== ownBoot || namespace !== ownNamespace || namespace === '' || !/^\d+$/.test(pid ?? ''))
        return 'unknown'
      const found = await readStat(files, Number(pid))
      // With hidepid (proc(5)), or systemd's ProtectProc=, the processes of other users are not seen there.
      if (found === undefined) return isThere(Number(pid)) ? 'unknown' : 'dead'
      return found.started === life.split('.')[0] && !DEAD.has(found.state) ? 'alive' : 'dead'
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

// A zombie has ended and waits for its parent to ask how, which some that are PID 1 of a container never do (proc(5)).
const DEAD: ReadonlySet<string> = new Set(['Z', 'X', 'x'])

// Fields 3 and 22 of /proc/PID/stat: state, and start in clock ticks since boot (proc(5)). The second field is in brackets
// and may hold anything.
async function readStat(
  files: Pick<Files, 'readText'>,
  pid: number,
): Promise<{ readonly state: string; readonly started: string } | undefined> {
  const stat = await files.readText(`/proc/${pid}/stat`).catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined ? undefined : { state: fields[0] ?? '', started: fields[19] ?? '' }
}
