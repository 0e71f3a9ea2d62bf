import type { JsonObject, JsonValue } from '../../base/json.ts'
import { refuse } from './refusal.ts'
import type { Named, Words } from './words.ts'
import type { World } from './world.ts'

export interface MountPoint {
  readonly Type: string
  readonly Name?: string
  readonly Source: string
  readonly Destination: string
  readonly Driver?: string
  readonly Mode: string
  readonly RW: boolean
  readonly Propagation: string
}

/** What a container asks of a network, and what it got there. */
export interface Endpoint {
  readonly ipamConfig: JsonObject | null
  readonly links: JsonValue
  aliases: string[] | null
  /** Asked for, or absent. */
  readonly wantedMac: string
  /** Shown until the next start, also where a connect takes none. */
  shownMac: string
  readonly driverOpts: JsonObject | null
  readonly gwPriority: number
  networkId: string
  dnsNames: string[] | null
  /** Present while it runs. */
  live?: LiveEndpoint | undefined
}

export interface LiveEndpoint {
  readonly id: string
  readonly address: string
  readonly prefix: number
  readonly gateway: string
  readonly mac: string
}

export interface HealthState {
  status: 'starting' | 'healthy' | 'unhealthy'
  streak: number
  /** Probes since the start. */
  probes: number
  log: { Start: string; End: string; ExitCode: number; Output: string }[]
}

export interface PortBinding {
  HostIp: string
  HostPort: string
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface Container {
  readonly id: string
  /** Without the leading slash. */
  name: string
  readonly created: number
  readonly image: string
  readonly config: JsonObject
  hostConfig: JsonObject
  mounts: MountPoint[]
  readonly endpoints: Map<string, Endpoint>
  /** Its network is that of this container. */
  readonly joined: string | undefined
  status: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing' | 'dead'
  exitCode: number
  error: string
  pid: number
  startedAt: number | undefined
  finishedAt: number | undefined
  restartCount: number
  /** Counts its lives: what was due in an earlier one is void. */
  run: number
  /** Ends of its process so far. */
  exits: number
  /** A stop or a kill by somebody's order, which `unless-stopped` respects. */
  stoppedByHand: boolean
  /** The next exit is final, whatever the policy. */
  exitIsFinal: boolean
  /** Milliseconds of the last wait before a restart. */
  backoff: number
  health: HealthState | undefined
  ports: Record<string, PortBinding[] | null>
  readonly logs: LogLine[]
  /** Written by the archive call, by absolute path. */
  readonly files: Map<string, Uint8Array>
  /** Names of those that linked it, and under which alias. */
  readonly linkedAs: string[]
  /** What podman itself was told when it made the container, as its own inspect shows it. */
  readonly libpod: JsonObject
}

export interface Exec {
  readonly id: string
  readonly container: string
  readonly argv: string[]
  readonly config: JsonObject
  state: 'created' | 'running' | 'exited'
  exitCode: number | null
}

/** Alive or frozen: it holds ports and addresses. */
export function isUp({ status }: Container): boolean {
  return status === 'running' || status === 'paused'
}

export function named({ id, name, status }: Container): Named {
  return { id, name, status }
}

/** By id, by name with or without slash, or by a prefix of the id. */
export function findContainer(world: World, name: string): Container | undefined {
  const { containers, names } = world.state
  const exact = containers.get(name) ?? containers.get(names.get(name.replace(/^\//, '')) ?? '')
  if (exact !== undefined || !/^[0-9a-f]+$/.test(name)) return exact
  const found = [...containers.values()].filter(({ id }) => id.startsWith(name))
  if (found.length > 1) refuse(world.profile.words.ambiguous(name))
  return found[0]
}

type Missing = 'noContainer' | 'noContainerToKill' | 'noContainerToRemove' | 'noContainerToWait'

/** The same, or the engine's words for none. */
export function needContainer(world: World, name: string, missing: Missing & keyof Words = 'noContainer'): Container {
  return findContainer(world, name) ?? refuse(world.profile.words[missing](name))
}
