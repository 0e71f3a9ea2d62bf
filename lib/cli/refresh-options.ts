import { InputError } from '../base/errors.ts'
import type { Env } from '../base/ports.ts'
import { workspacePlatform } from '../refresh/platform.ts'
import type { RefreshOptions } from '../refresh/refresh.ts'
import { isSelective, type Selection } from '../refresh/selection.ts'
import type { EngineFlags } from './session.ts'
import { helperCommand } from './helper-command.ts'
import { RUNTIMES, WORKSPACE_PREFIX, imageTarget, runtimeTarget } from '../refresh/target.ts'

/** The flags of `refresh` and `plan` as the command line gave them. */
export interface RefreshFlags {
  readonly image?: readonly string[] | undefined
  readonly runtime?: readonly string[] | undefined
  readonly name?: readonly string[] | undefined
  readonly namePrefix?: string | undefined
  readonly label?: readonly string[] | undefined
  readonly all?: boolean | undefined
  readonly pull?: boolean | undefined
  readonly recreate?: boolean | undefined
  readonly strategy?: 'replace' | 'remove' | undefined
  readonly order?: 'stop-first' | 'start-first' | undefined
  readonly concurrency?: number | undefined
  readonly platform?: string | undefined
  readonly healthTimeout?: number | undefined
  readonly stableFor?: number | undefined
  readonly pullTimeout?: number | undefined
  readonly allowNoRollback?: boolean | undefined
  readonly keepChanges?: boolean | undefined
  readonly keepMac?: boolean | undefined
  readonly keepIp?: boolean | undefined
  readonly cleanup?: { readonly keep: number } | undefined
  readonly retry?: boolean | undefined
  readonly self?: boolean | undefined
  /** This process is a helper. */
  readonly helper?: boolean | undefined
  readonly hooks?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

/**
 * Flags → options. Without any image or selection the targets are the workspace runtimes and their containers.
 *
 * @throws InputError for a bad reference, an unknown runtime, or images without a word on which containers
 */
export function refreshOptions(flags: RefreshFlags & EngineFlags, env: Env): RefreshOptions {
  const given: Selection = { names: flags.name, namePrefix: flags.namePrefix, labels: flags.label, all: flags.all }
  const images = (flags.image ?? []).map(imageTarget)
  const selective = isSelective(given)
  const forRuntimes = flags.runtime !== undefined || (images.length === 0 && !selective)
  const runtimes = forRuntimes ? (flags.runtime ?? RUNTIMES).map((runtime) => runtimeTarget(runtime, env)) : []
  if (images.length > 0 && !selective && flags.recreate !== false) {
    throw new InputError(
      'INPUT_INVALID',
      '--image also needs to know which containers: add --name, --name-prefix, --label or --all, or --no-recreate to pull only',
    )
  }
  return {
    targets: [...runtimes, ...images],
    selection: selective ? given : { namePrefix: WORKSPACE_PREFIX },
    pull: flags.pull,
    recreate: flags.recreate,
    strategy: flags.strategy,
    order: flags.order,
    concurrency: flags.concurrency,
    platform: flags.platform ?? (forRuntimes ? workspacePlatform(env, process) : undefined),
    gate: { stableFor: milliseconds(flags.stableFor), healthTimeout: milliseconds(flags.healthTimeout) },
    pullTimeout: milliseconds(flags.pullTimeout),
    allowNoRollback: flags.allowNoRollback,
    keepChanges: flags.keepChanges,
    keepMac: flags.keepMac,
    keepIp: flags.keepIp,
    handOver: flags.self === true ? (relief) => helperCommand(process, flags, relief) : undefined,
    cleanup: flags.cleanup,
    retry: flags.retry,
    dryRun: flags.dryRun,
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}
