// The steps of a refresh in their order, over all images.
import { messageOf } from '../base/errors.ts'
import { newTrial, type Trial } from './canary.ts'
import { restartsAfter } from './compose.ts'
import { stateOf, type Seen } from './container.ts'
import type { Lifeline } from './lifeline.ts'
import { moveAll, reportOf, type Move, type MoveContext } from './move.ts'
import type { Moves } from './moves.ts'
import type { ContainerReport } from './report.ts'

/**
 * Makes one step after the other. What needs a container that was not moved is left as it is, for it may need its new image.
 * Gives the warnings of containers that were restarted.
 */
export async function makeSteps(
  context: MoveContext,
  { steps, needs, lifeline }: Moves,
  resting: readonly Seen[],
  shown: (container: ContainerReport) => void,
): Promise<[Seen, string][]> {
  const trials = new Map<string, Trial>()
  const outcomes = new Map<string, ContainerReport>()
  const replaced: Seen[] = []
  const warnings: [Seen, string][] = []
  for (const [i, { image, moves }] of steps.entries()) {
    const trial = trials.get(image) ?? newTrial()
    trials.set(image, trial)
    const blocked = moves.flatMap((move) => {
      const missing = missingFor(needs.get(move) ?? [], outcomes)
      return missing === undefined ? [] : [{ move, missing }]
    })
    const done = [
      ...blocked.flatMap(({ move, missing }) => leave(context, move, missing)),
      ...(await moveAll(
        context,
        moves.filter((move) => blocked.every((one) => one.move !== move)),
        trial,
      )),
    ]
    for (const container of done) {
      outcomes.set(container.id, container)
      shown(container)
    }
    const succeeded = new Set(done.filter(({ outcome }) => outcome === 'replaced').map(({ id }) => id))
    replaced.push(...moves.flatMap((move) => move.map(({ seen }) => seen)).filter(({ id }) => succeeded.has(id)))
    const pending = steps.slice(i + 1).flatMap((step) => step.moves.flatMap((move) => move.map(({ seen }) => seen)))
    const due = succeeded.size === 0 ? [] : restartsAfter(replaced, resting, pending)
    const restarted = new Set(warnings.map(([seen]) => seen))
    warnings.push(
      ...(await restart(
        context,
        due.filter((seen) => !restarted.has(seen)),
        lifeline,
      )),
    )
  }
  return warnings
}

/** The first container that is needed and was not moved. */
function missingFor(
  needed: readonly Move[],
  outcomes: ReadonlyMap<string, ContainerReport>,
): ContainerReport | undefined {
  return needed
    .flatMap((move) => move.flatMap(({ seen }) => outcomes.get(seen.id) ?? []))
    .find(({ outcome }) => outcome !== 'replaced' && outcome !== 'removed' && outcome !== 'current')
}

function leave({ onEvent, signal }: MoveContext, move: Move, missing: ContainerReport): ContainerReport[] {
  const interrupted = signal?.aborted === true || missing.cause === 'interrupted'
  return move.map(({ seen }) => {
    const container = reportOf(
      seen,
      interrupted
        ? { outcome: 'skipped', reason: 'interrupted', code: 'ABORTED', cause: 'interrupted', warnings: [] }
        : {
            outcome: 'skipped',
            reason: `it needs ${missing.name}, which was not moved: refresh again once that is mended`,
            cause: 'dependency-failed',
            warnings: [],
          },
    )
    onEvent({ type: 'container', container })
    return container
  })
}

// Compose's `depends_on: restart: true`: who needs a service that was replaced is restarted, if it runs.
async function restart(
  { engine, signal }: MoveContext,
  due: readonly Seen[],
  { self, held }: Lifeline,
): Promise<[Seen, string][]> {
  const warnings: [Seen, string][] = []
  for (const seen of due) {
    if (stateOf(seen) !== 'running' || signal?.aborted === true) continue
    if (seen.id === self?.id || held.has(seen.id)) {
      warnings.push([seen, 'its compose file asks for a restart, which would cut dockline off: restart it yourself'])
      continue
    }
    try {
      await engine.containers.restart(seen.id)
      warnings.push([seen, 'restarted, as its compose file asks for after a service that it needs was replaced'])
    } catch (error) {
      warnings.push([seen, `its compose file asks for a restart, which failed: ${messageOf(error, 300)}`])
    }
  }
  return warnings
}
