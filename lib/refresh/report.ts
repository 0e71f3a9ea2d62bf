import type { ErrorCode } from '../base/errors.ts'
import type { Cause } from './cause.ts'
import type { CleanedImage } from './cleanup.ts'
import type { HookRun } from './hooks.ts'
import type { Phase } from './replacement.ts'
import type { Recovered } from './recover.ts'
import type { Notes } from './successor/notes.ts'

/** One image of a refresh. */
export interface ImageReport {
  /** The whole, normalised reference. */
  readonly ref: string
  /** How the caller named it. */
  readonly target: string
  /**
   * `local`: it was not pulled, and what the reference names on the engine counts. `unknown` in a dry run only: the registry
   * did not let it be told, and a refresh would fail as things are.
   */
  readonly outcome: 'updated' | 'current' | 'failed' | 'pinned' | 'unknown' | 'local'
  /** Image id that the reference named before, and names now. `null` for none, or for not known in a dry run. */
  readonly before: string | null
  readonly after: string | null
  /** Digest of the manifest or index, as the engine told. */
  readonly digest: string | null
  /** Bytes downloaded. */
  readonly bytes: number
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined
  /** What could not be found out in a dry run, or why a local image counts. */
  readonly warning?: string | undefined
}

/** One container of a refresh. */
export interface ContainerReport {
  readonly name: string
  readonly id: string
  readonly newId?: string | undefined
  /** The reference as the container has it. */
  readonly image: string
  /** In a dry run: what would be done, `unknown` where its image is. */
  readonly outcome: 'replaced' | 'removed' | 'current' | 'skipped' | 'rolled-back' | 'failed' | 'unknown'
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
  /** Why it was not moved, as a code. */
  readonly cause?: Cause | undefined
  /** Full id of the helper that it was handed over to: dockline's own container, which is `skipped` here. */
  readonly helperId?: string | undefined
  readonly downtimeMs?: number | undefined
  readonly warnings: readonly string[]
  /** Hooks that ran, with their output. */
  readonly hooks?: readonly HookRun[] | undefined
  /** What became of its settings: inherited from the new image, carried, changed, dropped. */
  readonly settings?: Notes | undefined
}

/** What a refresh did. `pulled`, `failed` and `recreated` are always there: older clients read only them. */
export interface RefreshReport {
  /** Targets whose image is there as the registry has it. None in a dry run. */
  readonly pulled: readonly string[]
  /** Targets that could not be pulled. */
  readonly failed: readonly string[]
  /** Names of containers that were moved, or removed by that strategy. */
  readonly recreated: readonly string[]
  readonly images: readonly ImageReport[]
  /** Besides the selected containers that the images are about: names of the selection that nothing bears, as `failed`. */
  readonly containers: readonly ContainerReport[]
  /** Containers that the selection matches, whatever their images. */
  readonly matched: number
  /** Operations of earlier runs that were ended first. */
  readonly recovered: readonly Recovered[]
  /** Old images that were removed. */
  readonly cleaned: readonly CleanedImage[]
  /** What is about none of the containers above: a container of others that cannot be read. */
  readonly warnings: readonly string[]
  readonly dryRun: boolean
  readonly interrupted: boolean
  /** RFC 3339. */
  readonly startedAt: string
  readonly durationMs: number
}

/** What is told while a refresh runs. */
export type RefreshEvent =
  | { readonly type: 'recovered'; readonly recovered: Recovered }
  | {
      readonly type: 'pull'
      readonly target: string
      readonly ref: string
      readonly current: number
      readonly total: number
      readonly status: string
    }
  | { readonly type: 'image'; readonly image: ImageReport }
  | { readonly type: 'phase'; readonly name: string; readonly phase: Phase }
  | { readonly type: 'container'; readonly container: ContainerReport }

/**
 * True when something failed, was rolled back, could not be told, or is not on the image that it was to be moved to: the exit
 * code 1 of the command line.
 */
export function hasFailures({ images, containers, recovered }: RefreshReport): boolean {
  return (
    images.some(({ outcome }) => outcome === 'failed' || outcome === 'unknown') ||
    containers.some((container) => FAILURES.has(container.outcome) || isLeftBehind(container)) ||
    recovered.some(({ outcome }) => outcome === 'failed')
  )
}

const FAILURES: ReadonlySet<ContainerReport['outcome']> = new Set(['failed', 'rolled-back', 'unknown'])

// Only a container that runs something else than the wanted image is skipped. One that is pinned follows no image, and one
// that was handed over is on its way.
function isLeftBehind({ outcome, reason = '', helperId }: ContainerReport): boolean {
  return outcome === 'skipped' && helperId === undefined && !/^(?:pinned\b|would be handed over)/.test(reason)
}
