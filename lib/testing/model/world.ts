import { createHash } from 'node:crypto'

import type { Clock } from '../../base/ports.ts'
import type { ImageContent } from '../registry/image.ts'
import type { Behaviour, Program } from './behaviour.ts'
import type { BoundPorts } from './bound-ports.ts'
import type { ImageSource } from './image-source.ts'
import type { Profile } from './profile.ts'
import type { State } from './state.ts'

/** What every part of the engine works on. */
export interface World {
  readonly profile: Profile
  readonly clock: Clock
  readonly source: ImageSource
  /** How containers of an image behave, by config digest. */
  readonly behaviours: Map<string, Behaviour>
  readonly programs: Program
  /** Configs and unpacked layers of images, by digest. */
  readonly blobs: Map<string, Uint8Array>
  /** What images were made from, by config digest: a push sends it. */
  readonly contents: Map<string, ImageContent>
  readonly systemd: boolean
  /** Milliseconds that a container is given on top of what it tells, when it is stopped. */
  readonly stopsLater: number
  /** The daemon's `default-stop-timeout`, in seconds. */
  readonly stopTimeout: number | undefined
  /** Published ports as sockets of this machine, where a test wants them. */
  boundPorts: BoundPorts | undefined
  /** What is refused that the model does not know. */
  readonly strict: Strictness
  /** Host ports that other programs of the machine hold. */
  readonly occupied: Set<string>
  state: State
  /** The moment of the timer that is being worked off, which may lie back. */
  at: number | undefined
  /** Wakes whoever waits for something to happen. */
  readonly happened: Bell
}

/** Whether what the model does not know is refused as an engine refuses what is not there. */
export interface Strictness {
  /** Programs that are neither scripted nor of the small shell, users that /etc/passwd does not have, missing folders. */
  readonly processes: boolean
  /** Whether a path is there on the host; a bind of type `bind` needs one. */
  readonly hostPaths: (path: string) => boolean
}

/** A bell: who waits on it hears the next ring. */
export interface Bell {
  ring(): void
  /** Resolves at the next ring; a later ring is a later promise. */
  next(): Promise<void>
}

export function bell(): Bell {
  let waiting: (() => void) | undefined
  let next: Promise<void> | undefined
  return {
    ring: () => {
      const wake = waiting
      next = undefined
      waiting = undefined
      wake?.()
    },
    next: () => {
      next ??= new Promise((resolve) => {
        waiting = resolve
      })
      return next
    },
  }
}

/** A new id: 64 hex digits, the same in every run that did the same before. */
export function newId(world: World, kind: string): string {
  world.state.serial++
  return createHash('sha256').update(`${kind} ${world.state.serial}`).digest('hex')
}

/** Wall time of the engine, in milliseconds. */
export function now(world: World): number {
  return world.at ?? world.clock.now()
}

const NEVER = '0001-01-01T00:00:00Z'

/** Go's RFC 3339: no trailing zeros, year 1 for never. */
export function goTime(ms: number | undefined): string {
  if (ms === undefined) return NEVER
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z')
}

/** RFC 3339 in whole seconds. */
export function goSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
