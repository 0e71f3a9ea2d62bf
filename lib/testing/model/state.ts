import type { JsonObject } from '../../base/json.ts'
import type { Container, Exec } from './container.ts'
import type { EngineEvent } from './events.ts'
import type { StoredImage } from './image-store.ts'
import type { ModelNetwork } from './networks.ts'
import type { Timer } from './timers.ts'

export interface ModelVolume {
  readonly name: string
  readonly driver: string
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly labels: JsonObject | null
  readonly options: JsonObject | null
  /** Nobody gave it a name: it goes with its container. */
  readonly anonymous: boolean
  /** Content by path in the volume, which begins with a slash. */
  readonly files: Map<string, Uint8Array>
}

/** All that an engine remembers: plain data, so that it can be copied and put back. */
export interface State {
  /** Counts up; ids and addresses come from it, so that equal runs are equal. */
  serial: number
  readonly containers: Map<string, Container>
  /** By name without slash. A name is held from create to the end of the removal. */
  readonly names: Map<string, string>
  readonly images: Map<string, StoredImage>
  /** Image id by normalised reference with tag. */
  readonly tags: Map<string, string>
  readonly networks: Map<string, ModelNetwork>
  readonly volumes: Map<string, ModelVolume>
  readonly execs: Map<string, Exec>
  readonly events: EngineEvent[]
  readonly timers: Timer[]
  /** Next host port to give away. */
  port: number
}

export function emptyState(): State {
  return {
    serial: 0,
    containers: new Map(),
    names: new Map(),
    images: new Map(),
    tags: new Map(),
    networks: new Map(),
    volumes: new Map(),
    execs: new Map(),
    events: [],
    timers: [],
    port: 32768,
  }
}
