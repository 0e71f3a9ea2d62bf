import { isDockerError, isNotFound, messageOf } from '../base/errors.ts'
import { isActive, listAll, see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { lastWords } from './hand-over.ts'
import { HELPER_LABEL, HELPER_MAKER_LABEL, helpedName } from './helper.ts'
import { heldBy, type HoldContext } from './holder.ts'
import type { Recovered } from './recover.ts'
import { isSelected, type Selection } from './selection.ts'

export interface DismissContext extends HoldContext {
  /** Full id of the container that this process runs in. */
  readonly selfId?: string | undefined
  /** Helpers of other containers are left as they are. Default all. */
  readonly selection?: Selection | undefined
}

// Within so many seconds one that was made is also started.
const LEASE = 60

/** Removes the helpers that have ended, or were never started by a process that is gone. Those that work are left. */
export async function dismissHelpers(context: DismissContext): Promise<Recovered[]> {
  const { engine, selection } = context
  const listed = await listAll(engine, HELPER_LABEL)
  const dismissed: Recovered[] = []
  for (const { Id } of listed) {
    const seen = Id === context.selfId ? undefined : await see(engine, Id)
    if (seen === undefined || isActive(stateOf(seen)) || !(await isLeft(context, seen))) continue
    const Labels = seen.view.Config.Labels
    if (selection !== undefined && !isSelected(selection, { Names: [helpedName(seen.name)], Labels })) continue
    dismissed.push(await dismiss(engine, seen))
  }
  return dismissed
}

async function isLeft(context: DismissContext, seen: Seen): Promise<boolean> {
  if (stateOf(seen) !== 'created') return true
  const { [HELPER_MAKER_LABEL]: holder = '', [HELPER_LABEL]: op = '' } = seen.view.Config.Labels
  return (await heldBy(context, { holder, op, lease: LEASE }, [seen])) === undefined
}

async function dismiss(engine: RefreshEngine, seen: Seen): Promise<Recovered> {
  const { Labels } = seen.view.Config
  const about = { name: seen.name, op: Labels[HELPER_LABEL] ?? '' }
  const end =
    stateOf(seen) === 'created'
      ? 'a helper that was never started'
      : `a helper that ended with exit code ${seen.view.State.ExitCode}${await lastWords(engine, seen.id)}`
  try {
    await engine.containers.remove(seen.id)
  } catch (error) {
    if (!isNotFound(error))
      return {
        ...about,
        outcome: 'failed',
        reason: `${end} cannot be removed: ${messageOf(error, 300)}`,
        code: isDockerError(error) ? error.code : 'UNEXPECTED',
      }
  }
  return { ...about, outcome: 'rolled-back', reason: end }
}
