import type { ErrorCode } from '../base/errors.ts'
import type { Processes, Random } from '../base/ports.ts'
import type { Cause } from './cause.ts'
import type { Seen } from './container.ts'
import type { HookRun, HookRunner } from './hooks.ts'
import type { Prepared } from './prepare.ts'
import type { RefusalOptions } from './refuse.ts'
import type { Member, SettleContext } from './settle.ts'
import type { Notes } from './successor/notes.ts'

/** The steps of a replacement. */
export type Phase =
  | 'look'
  | 'create'
  | 'prove'
  | 'disarm'
  | 'stop'
  | 'park'
  | 'name'
  | 'start'
  | 'gate'
  | 'commit'
  | 'roll back'
  | 'wait for stop'
  | 'wait for engine'

export interface ReplaceContext extends SettleContext, RefusalOptions {
  readonly random: Random
  readonly processes: Processes
  /** Identity of this process, for the marks. */
  readonly holder: string
  /** `start-first` lets old and new overlap where nothing forbids it. Default `stop-first`. */
  readonly order?: 'stop-first' | 'start-first' | undefined
  /** Keeps the MAC addresses that are in use, where the engine does not tell whether they were asked for. */
  readonly keepMac?: boolean | undefined
  /** Keeps the addresses that containers of podman have, where podman does not show whether they were asked for. */
  readonly keepIp?: boolean | undefined
  /** `os/arch[/variant]` that was asked for. */
  readonly platform?: string | undefined
  /** Runs the hooks that containers ask for by label; without it they are not run. */
  readonly hooks?: HookRunner | undefined
  /** Told the step that begins now. */
  readonly onPhase?: ((name: string, phase: Phase) => void) | undefined
  /** Ends the replacement at a safe point: before the old container is touched, or by rolling back. */
  readonly signal?: AbortSignal | undefined
}

/** A container and the image that it is to run. */
export interface Wish {
  readonly id: string
  readonly name: string
  readonly imageId: string
}

/** What became of one container. */
export interface Replacement {
  readonly outcome: 'replaced' | 'current' | 'skipped' | 'rolled-back' | 'failed'
  readonly newId?: string | undefined
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
  readonly cause?: Cause | undefined
  /** Milliseconds from the request to stop the old container to the start of the one that runs now. */
  readonly downtimeMs?: number | undefined
  readonly warnings: readonly string[]
  readonly hooks?: readonly HookRun[] | undefined
  /** What became of its settings. */
  readonly settings?: Notes | undefined
}

/** One container of a replacement under way, with what must be told of it in the end. */
export interface Attempt extends Prepared {
  readonly old: Seen
  readonly member: Member
  readonly warnings: string[]
  readonly hooks: HookRun[]
  /** When the old container was asked to stop, on the monotonic clock. */
  stoppedAt?: number
  /** How long nothing ran. */
  downtimeMs?: number
}
