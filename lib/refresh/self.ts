import type { Files } from '../base/ports.ts'

/** The container that this process runs in, as far as it can be told from inside. */
export interface Place {
  /** Full id. */
  readonly id: string
  /** False when it may be the id of a container whose network this one has. */
  readonly sure: boolean
  /** Folder that holds what the container wrote, as its engine names it. */
  readonly layer?: string | undefined
}

// The cgroup is one's own wherever it is shown, and podman's .containerenv and hostname are. The rest an engine mounts from
// a folder with the container's id too; but with the network of another container it is the folder of that one.
const SURE = [
  /[/-]([0-9a-f]{64})(?:\.scope)?(?:\/container)?$/m,
  /-containers\/([0-9a-f]{64})\/userdata\/(?:\.containerenv|hostname) /,
]
const LIKELY = /[/-]containers\/([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|hosts|resolv\.conf) /
const UPPER = /^\d+ \d+ \S+ \/ \/ .* - overlay .*[ ,]upperdir=([^, \n]+)/m

/** Where this process runs; `undefined` outside of containers. */
export async function ownPlace(files: Pick<Files, 'readText'>): Promise<Place | undefined> {
  const [cgroup, mounts] = await Promise.all(
    ['/proc/self/cgroup', '/proc/self/mountinfo'].map((path) => files.readText(path).catch(() => undefined)),
  )
  const [own, shown] = SURE.map((clue, i) => clue.exec([cgroup, mounts][i] ?? '')?.[1])
  const id = own ?? shown ?? LIKELY.exec(mounts ?? '')?.[1]
  const layer = UPPER.exec(mounts ?? '')?.[1]
  return id === undefined ? undefined : { id, sure: (own ?? shown) !== undefined, layer }
}
