import pMap from 'p-map'

import { formatReference, type Reference } from '../base/reference.ts'
import type { Candidate } from './candidates.ts'
import { changesRefusal } from './changes.ts'
import { composeOrder } from './compose.ts'
import { listAll, seeListed, type RefreshEngine, type Seen, type Unreadable } from './container.ts'
import { groupsOf, tiesOf, type Group, type Ties } from './groups.ts'
import type { Relief } from './helper.ts'
import { findLifeline, type Lifeline, type LifelinePorts } from './lifeline.ts'
import type { Move } from './move.ts'
import type { PlanItem, Wanted } from './plan.ts'
import { podmanRefusal } from './podman-refusal.ts'
import { imageId } from './pull.ts'
import { refusal, type RefusalOptions } from './refuse.ts'

/** Moves of one image that wait for the same others. */
export interface Step {
  /** The normalised reference. */
  readonly image: string
  readonly moves: readonly Move[]
}

/** What is to be moved, step by step, and what cannot be although it is outdated. */
export interface Moves {
  /** One after the other: what a compose service needs is in a step before its own. */
  readonly steps: readonly Step[]
  /** The moves that must have succeeded before one is made. */
  readonly needs: ReadonlyMap<Move, readonly Move[]>
  readonly refused: readonly { readonly seen: Seen; readonly reason: string }[]
  /** The move of the container that this process runs in, which a helper is to make. */
  readonly own?: Own | undefined
  readonly lifeline: Lifeline
}

export interface Own {
  readonly self: Seen
  readonly move: Move
  readonly relief: Relief
}

/** Joins outdated containers with those that share with them. Touches nothing. */
export async function planMoves(
  engine: RefreshEngine,
  items: readonly PlanItem[],
  wanted: ReadonlyMap<string, Wanted>,
  candidates: readonly Candidate[],
  given: RefusalOptions & LifelinePorts,
  onUnreadable: (one: Unreadable) => void = () => {},
): Promise<Moves> {
  const due = new Map(
    items.flatMap((item) => (item.action === 'replace' ? [[item.candidate.seen.id, item] as const] : [])),
  )
  if (due.size === 0)
    return { steps: [], needs: new Map(), refused: [], lifeline: { self: undefined, proxies: [], held: new Map() } }
  const selected = new Map(candidates.map((candidate) => [candidate.seen.id, candidate]))
  const all = await everything(engine, candidates, onUnreadable)
  const ties = tiesOf(all)
  const lifeline = await findLifeline(all, given)
  const options = { ...given, lifeline }
  let own: Own | undefined
  const moves: { image: string; move: Move }[] = []
  const refused: { seen: Seen; reason: string }[] = []
  for (const group of groupsOf(
    [...due.values()].map(({ candidate }) => candidate.seen),
    ties,
  )) {
    const reason = groupRefusal(group, ties, selected, options) ?? (await memberRefusal(engine, group, options))
    if (reason !== undefined) {
      refused.push(...group.members.filter(({ id }) => due.has(id)).map((seen) => ({ seen, reason })))
      continue
    }
    const move = await pMap(
      group.members,
      async (seen) => ({
        seen,
        imageId: await imageFor(engine, seen, due, wanted, selected),
        ref: referenceFor(seen, due, selected),
      }),
      { concurrency: 1 },
    )
    const { self } = lifeline
    if (self !== undefined && group.members.includes(self)) {
      own = { self, move, relief: reliefOf(group, due) }
      continue
    }
    const leading = group.members.find(({ id }) => due.has(id))
    const target = due.get(leading?.id ?? '')?.target
    if (target !== undefined) moves.push({ image: formatReference(target.ref), move })
  }
  return { ...inOrder(moves, all), refused, own, lifeline }
}

// What other services need goes first, as compose itself would have it; of what waits for the same, image by image.
function inOrder(
  moves: readonly { readonly image: string; readonly move: Move }[],
  all: readonly Seen[],
): Pick<Moves, 'steps' | 'needs'> {
  const order = composeOrder(
    moves.map(({ move }) => move.map(({ seen }) => seen)),
    all,
  )
  const steps = new Map<string, Step & { readonly level: number; readonly moves: Move[] }>()
  for (const [i, { image, move }] of moves.entries()) {
    const { level = 0 } = order[i] ?? {}
    const step = steps.get(`${level} ${image}`) ?? { level, image, moves: [] }
    step.moves.push(move)
    steps.set(`${level} ${image}`, step)
  }
  const needs = new Map(
    moves.map(({ move }, i) => [
      move,
      (order[i]?.needs ?? []).map((needed) => (moves[needed] as (typeof moves)[number]).move),
    ]),
  )
  return { steps: [...steps.values()].toSorted((a, b) => a.level - b.level), needs }
}

// Ties to containers outside the selection count too.
async function everything(
  engine: RefreshEngine,
  candidates: readonly Candidate[],
  onUnreadable: (one: Unreadable) => void,
): Promise<Seen[]> {
  const known = new Map(candidates.map(({ seen }) => [seen.id, seen]))
  const listed = await listAll(engine)
  const others = await seeListed(
    engine,
    listed.filter(({ Id }) => !known.has(Id)),
    onUnreadable,
  )
  return [...listed.flatMap(({ Id }) => known.get(Id) ?? []), ...others]
}

function reliefOf({ members }: Group, due: ReadonlyMap<string, PlanItem>): Relief {
  const refs = members.flatMap(({ id }) => due.get(id)?.target?.ref ?? [])
  return { names: members.map(({ name }) => name), images: [...new Set(refs.map(formatReference))] }
}

function groupRefusal(
  { members, cycle }: Group,
  ties: Ties,
  selected: ReadonlyMap<string, Candidate>,
  options: RefusalOptions,
): string | undefined {
  if (cycle !== undefined) return `it shares with others in a circle: ${cycle.join(', ')}`
  const [only] = members
  if (only !== undefined && members.length === 1) return refusal(only, options)
  const self = members.find(({ id }) => id === options.lifeline?.self?.id)
  const shared = self === undefined ? undefined : ties.needs(self).find((seen) => members.includes(seen))
  if (self !== undefined && shared !== undefined)
    return `${self.name}, in which dockline itself runs, shares with ${shared.name}, as a helper would have to: refresh both from outside`
  for (const seen of members) {
    if (!selected.has(seen.id))
      return `${seen.name} shares its namespaces or volumes and is not selected: select it too`
    if (seen.view.HostConfig.AutoRemove) return `${seen.name}, which it moves with, has --rm`
    const refused = refusal(seen, options)
    if (refused !== undefined) return `${seen.name}, which it moves with: ${refused}`
  }
  return undefined
}

// What takes a call to tell.
async function memberRefusal(
  engine: RefreshEngine,
  { members }: Group,
  { keepChanges }: RefusalOptions,
): Promise<string | undefined> {
  for (const seen of members) {
    const podman = await podmanRefusal(engine, seen)
    const reason = podman ?? (keepChanges === true ? await changesRefusal(engine, seen) : undefined)
    if (reason !== undefined) return members.length === 1 ? reason : `${seen.name}, which it moves with: ${reason}`
  }
  return undefined
}

function referenceFor(
  { id }: Seen,
  due: ReadonlyMap<string, PlanItem>,
  selected: ReadonlyMap<string, Candidate>,
): Reference | undefined {
  return due.get(id)?.target?.ref ?? selected.get(id)?.ref
}

// A container that moves only because it shares goes to what its own reference names now.
async function imageFor(
  engine: RefreshEngine,
  seen: Seen,
  due: ReadonlyMap<string, PlanItem>,
  wanted: ReadonlyMap<string, Wanted>,
  selected: ReadonlyMap<string, Candidate>,
): Promise<string> {
  const target = due.get(seen.id)?.target
  const own = target === undefined ? undefined : wanted.get(formatReference(target.ref))
  if (own !== undefined) return own.imageId
  const ref = selected.get(seen.id)?.ref
  return (ref === undefined ? null : await imageId(engine, formatReference(ref))) ?? seen.view.Image
}
