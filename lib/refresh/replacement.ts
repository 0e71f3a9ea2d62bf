import type { ErrorCode } from '../base/errors.ts'
import type { Random } from '../base/ports.ts'
import type { RefusalOptions } from './refuse.ts'
import type { SettleContext } from './settle.ts'

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

export interface ReplaceContext extends SettleContext, RefusalOptions {
  readonly random: Random
  /** Identity of this process, for the marks. */
  readonly holder: string
  /** Told the step that begins now. */
  readonly onPhase?: ((phase: Phase) => void) | undefined
  /** Ends the replacement at a safe point: before the old container is touched, or by rolling back. */
  readonly signal?: AbortSignal | undefined
}

/** What became of one container. */
export interface Replacement {
  readonly outcome: 'replaced' | 'current' | 'skipped' | 'rolled-back' | 'failed'
  readonly newId?: string | undefined
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
  /** Milliseconds from the request to stop the old container to the start of the one that runs now. */
  readonly downtimeMs?: number | undefined
  readonly warnings: readonly string[]
}
