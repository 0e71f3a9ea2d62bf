import { formatReference, parseReference } from '../base/reference.ts'
import type { Candidate } from './candidates.ts'
import type { Seen, Unreadable } from './container.ts'
import { wantedContent } from './content.ts'
import { handOverSelf } from './hand-over.ts'
import { reportOf } from './move.ts'
import { planMoves, type Own } from './moves.ts'
import { planContainers, type Wanted } from './plan.ts'
import { quarantineOf } from './quarantine.ts'
import type { RefreshOptions, RefreshPorts } from './refresh.ts'
import type { ContainerReport, ImageReport, RefreshEvent } from './report.ts'
import { makeSteps } from './steps.ts'
import type { Target } from './target.ts'

const CONCURRENCY = 4

/** What a refresh found out before it touches a container. */
export interface Findings {
  readonly candidates: readonly Candidate[]
  readonly targets: readonly Target[]
  readonly images: readonly ImageReport[]
  /** What images that a dry run did not pull would bring, by reference. */
  readonly foreseen: ReadonlyMap<string, Wanted>
  /** Told of containers of others that cannot be read. */
  readonly onUnreadable: (one: Unreadable) => void
}

/** Decides over each candidate, and moves what is outdated unless it is a dry run. Gives a line for each in their order. */
export async function carryOut(
  ports: RefreshPorts,
  options: RefreshOptions & { readonly onEvent: (event: RefreshEvent) => void },
  findings: Findings,
): Promise<ContainerReport[]> {
  const { candidates, targets } = findings
  const { allowNoRollback, keepChanges, dryRun, onEvent, strategy = 'replace', concurrency = CONCURRENCY } = options
  const { selfId, access } = ports
  const refusals = { allowNoRollback, keepChanges, selfId, handOver: options.handOver }
  const wanted = await wantedImages(ports, options, findings)
  const unknown = new Map(findings.images.flatMap(whyUnknown))
  // Whose image is asked for by name is of another image, unless it was itself asked for.
  const isTold = ({ seen: { name } }: Candidate): boolean =>
    options.targets.length === 0 || options.selection.names?.includes(name) === true
  const plan = planContainers(candidates, targets, wanted, { ...refusals, dryRun, unknown, isTold })
  const moves = await planMoves(ports.engine, plan, wanted, candidates, { ...refusals, access }, findings.onUnreadable)
  const { steps, refused, own } = moves

  const reports = new Map<string, ContainerReport>()
  const tell = (seen: Seen, result: Parameters<typeof reportOf>[1]): void => {
    const container = reportOf(seen, result)
    reports.set(container.id, container)
    onEvent({ type: 'container', container })
  }
  const moved = steps.flatMap((step) => step.moves.flat())
  const moving = new Set([...moved, ...(own?.move ?? [])].map(({ seen }) => seen.id))
  for (const { candidate, action, reason, cause } of plan) {
    if (action === 'replace' || moving.has(candidate.seen.id)) continue
    tell(candidate.seen, { outcome: OUTCOMES[action], reason, cause, warnings: [] })
  }
  for (const { seen, reason } of refused) tell(seen, { outcome: 'skipped', reason, warnings: [] })
  if (dryRun === true) {
    const outcome = strategy === 'remove' ? 'removed' : 'replaced'
    for (const { seen } of moved) tell(seen, { outcome, warnings: [] })
  } else if (steps.length > 0) {
    const context = {
      ...ports,
      ...options,
      strategy,
      concurrency,
      holder: await ports.processes.self(),
      handOver: undefined,
    }
    const resting = candidates.map(({ seen }) => seen).filter(({ id }) => !moving.has(id))
    const shown = (container: ContainerReport): unknown => reports.set(container.id, container)
    for (const [seen, warning] of await makeSteps(context, moves, resting, shown))
      tell(seen, { ...(reports.get(seen.id) ?? { outcome: 'current' }), warnings: [warning] })
  }
  // Last of all: it ends this process.
  if (own !== undefined) {
    const result = await relieve(ports, options, own, [...reports.values()])
    for (const { seen } of own.move) tell(seen, result)
  }
  return candidates.flatMap(({ seen }) => reports.get(seen.id) ?? [])
}

async function relieve(
  ports: RefreshPorts,
  { handOver, dryRun, platform, signal }: RefreshOptions,
  { self, move, relief }: Own,
  reports: readonly ContainerReport[],
): Promise<Parameters<typeof reportOf>[1]> {
  if (dryRun === true || handOver === undefined) return skipped('would be handed over to a helper')
  if (signal?.aborted === true) return { ...skipped('interrupted'), code: 'ABORTED' }
  const sameImage = reports.filter(({ image }) => image === self.view.Config.Image)
  const failed = sameImage.find(({ outcome }) => outcome === 'failed' || outcome === 'rolled-back')
  if (failed !== undefined)
    return { ...skipped(`canary failed: ${failed.name}, of the same image, was not moved`), cause: 'canary-failed' }
  const imageId = move.find(({ seen }) => seen === self)?.imageId ?? self.view.Image
  return handOverSelf({ ...ports, platform, handOver }, self, imageId, relief)
}

const OUTCOMES = { skip: 'skipped', current: 'current', unknown: 'unknown' } as const

function whyUnknown({ ref, outcome, error }: ImageReport): [string, string][] {
  return outcome === 'unknown' ? [[ref, `what its image would be cannot be told: ${error?.message ?? ''}`]] : []
}

function skipped(reason: string): Parameters<typeof reportOf>[1] {
  return { outcome: 'skipped', reason, warnings: [] }
}

/** What the containers of each image that could be had are to run. */
async function wantedImages(
  { engine }: RefreshPorts,
  { retry }: RefreshOptions,
  { candidates, images, foreseen }: Findings,
): Promise<Map<string, Wanted>> {
  const wanted = new Map(foreseen)
  for (const { ref, outcome, after } of images) {
    if (outcome === 'failed' || after === null) continue
    const users = candidates.filter(
      (candidate) => candidate.ref !== undefined && formatReference(candidate.ref) === ref,
    )
    const marks = quarantineOf(await engine.images.inspect(after), parseReference(ref))
    wanted.set(ref, {
      ...(await wantedContent(engine, after, users)),
      failedBefore: retry !== true && marks.ofImage,
      failedWith: ({ seen }) => retry !== true && marks.of(seen.name),
    })
  }
  return wanted
}
