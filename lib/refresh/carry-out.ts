import { messageOf } from '../base/errors.ts'
import { formatReference } from '../base/reference.ts'
import type { Candidate } from './candidates.ts'
import { restartsAfter } from './compose.ts'
import { stateOf, type Seen, type Unreadable } from './container.ts'
import { wantedContent } from './content.ts'
import { handOverSelf } from './hand-over.ts'
import type { Lifeline } from './lifeline.ts'
import { moveAll, reportOf, type Move, type MoveContext } from './move.ts'
import { planMoves, type Own } from './moves.ts'
import { planContainers, type Wanted } from './plan.ts'
import { isQuarantined } from './quarantine.ts'
import type { RefreshOptions, RefreshPorts } from './refresh.ts'
import type { ContainerReport, ImageReport, RefreshEvent } from './report.ts'
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
  const plan = planContainers(candidates, targets, wanted, { ...refusals, dryRun, unknown })
  const moves = await planMoves(ports.engine, plan, wanted, candidates, { ...refusals, access }, findings.onUnreadable)
  const { byImage, refused, own, lifeline } = moves

  const reports = new Map<string, ContainerReport>()
  const tell = (seen: Seen, result: Parameters<typeof reportOf>[1]): void => {
    const container = reportOf(seen, result)
    reports.set(container.id, container)
    onEvent({ type: 'container', container })
  }
  const moving = new Set([...byImage.flat(2), ...(own?.move ?? [])].map(({ seen }) => seen.id))
  for (const { candidate, action, reason } of plan) {
    if (action === 'replace' || moving.has(candidate.seen.id)) continue
    tell(candidate.seen, { outcome: OUTCOMES[action], reason, warnings: [] })
  }
  for (const { seen, reason } of refused) tell(seen, { outcome: 'skipped', reason, warnings: [] })
  if (dryRun === true) {
    const outcome = strategy === 'remove' ? 'removed' : 'replaced'
    for (const { seen } of byImage.flat(2)) tell(seen, { outcome, warnings: [] })
  } else if (byImage.length > 0) {
    const context = {
      ...ports,
      ...options,
      strategy,
      concurrency,
      holder: await ports.processes.self(),
      handOver: undefined,
    }
    const resting = candidates.map(({ seen }) => seen).filter(({ id }) => !moving.has(id))
    for (const moves of byImage) {
      const done = await moveAll(context, moves)
      for (const container of done) reports.set(container.id, container)
      for (const [seen, warning] of await restart(context, moves, done, resting, lifeline)) {
        tell(seen, { ...(reports.get(seen.id) ?? { outcome: 'current' }), warnings: [warning] })
      }
    }
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
  if (sameImage.some(({ outcome }) => outcome === 'failed' || outcome === 'rolled-back'))
    return skipped('canary failed')
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
    const failedBefore = retry !== true && (await isQuarantined(engine, after))
    wanted.set(ref, { ...(await wantedContent(engine, after, users)), failedBefore })
  }
  return wanted
}

// Compose's `depends_on: restart: true`: who needs a service that was replaced is restarted, if it runs.
async function restart(
  { engine, signal }: MoveContext,
  moves: readonly Move[],
  done: readonly ContainerReport[],
  resting: readonly Seen[],
  { self, held }: Lifeline,
): Promise<[Seen, string][]> {
  const replaced = new Set(done.filter(({ outcome }) => outcome === 'replaced').map(({ id }) => id))
  const services = moves
    .flat()
    .map(({ seen }) => seen)
    .filter(({ id }) => replaced.has(id))
  const warnings: [Seen, string][] = []
  for (const seen of services.length === 0 ? [] : restartsAfter(services, resting)) {
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
