import type { Files } from '../base/ports.ts'

/**
 * Full id of the container that this process runs in, or `undefined`: the engine bind-mounts a container's own
 * `/etc/hostname` and `/etc/resolv.conf` from a folder that bears its id.
 */
export async function ownContainerId(files: Pick<Files, 'readText'>): Promise<string | undefined> {
  const mounts = await files.readText('/proc/self/mountinfo').catch(() => undefined)
  return /[/-]containers\/([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|hosts|resolv\.conf) /.exec(mounts ?? '')?.[1]
}
