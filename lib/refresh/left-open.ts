import { RefreshError, hasCode, messageOf } from '../base/errors.ts'
import { lostNetworks } from './connections.ts'
import { see, seeNamed, stateOf, type RefreshEngine, type Seen } from './container.ts'
import type { Marks } from './marks.ts'

/** What was seen last of one container of an operation. */
export interface Left {
  readonly old: Seen | undefined
  readonly successor: Seen | undefined
  /** Whichever container has the name. */
  readonly named: Seen | undefined
}

/** Looks at what is left now. */
export async function leftOf(
  engine: Pick<RefreshEngine, 'containers'>,
  { marks, successorId }: Unended,
): Promise<Left> {
  const [successor, old, named] = await Promise.all([
    see(engine, successorId),
    see(engine, marks.replaces),
    seeNamed(engine, marks.name),
  ])
  return { successor, old, named }
}

interface Unended {
  readonly marks: Marks
  readonly successorId: string
}

/** The command that takes up what is left of a container's replacement. */
export function recoverCommand(...names: readonly string[]): string {
  return `dockline recover${names.map((name) => ` --name ${name}`).join('')}`
}

/**
 * The error of an operation that does not come to its end: what is left, and the commands that mend it, which name only
 * what is there.
 *
 * @param operation all of its containers: one command takes up a group, and never a part of it
 * @param left `undefined` where the engine could not be asked
 * @param at the one that it stopped at
 */
export function leftOpen(
  operation: readonly Unended[],
  left: readonly Left[] | undefined,
  at: Unended,
  cause: unknown,
): RefreshError {
  const code = hasCode(cause, 'IN_FLIGHT') ? 'IN_FLIGHT' : 'ROLLBACK_FAILED'
  const command = recoverCommand(...operation.map(({ marks }) => marks.name))
  const message = [
    `the replacement of ${at.marks.name} is not at its end: ${messageOf(cause)}.`,
    ...(left === undefined
      ? [...operation.map(unseen), `Once the engine answers, "${command}" goes on.`]
      : seen(operation, left, command)),
  ].join(' ')
  const facts = { name: at.marks.name, old: at.marks.replaces, successor: at.successorId }
  return new RefreshError(code, message, { cause, facts })
}

function unseen({ marks: { name, replaces }, successorId }: Unended): string {
  return `Left are the old container ${short(replaces)} of ${name} and its successor ${short(successorId)}, as far as is known.`
}

function seen(operation: readonly Unended[], left: readonly Left[], command: string): string[] {
  const ways = operation.map((one, i) => wayOf(one, left[i] as Left, command))
  const what = ways.flatMap(({ there }) => there)
  const byHand = ways.flatMap((way) => way.byHand)
  const strangers = ways.flatMap(({ stranger }) => stranger)
  return [
    what.length === 0 ? 'Nothing of it is left.' : `Left: ${what.join(', ')}.`,
    ...strangers,
    ...(strangers.length > 0 ? [] : [`Once the cause is mended, "${command}" goes on.`]),
    ...(strangers.length > 0 || byHand.length === 0 ? [] : [`By hand: ${byHand.join('; ')}`]),
  ]
}

interface Way {
  /** What is left of one container, in words. */
  readonly there: readonly string[]
  /** What to do where somebody else has the name. */
  readonly stranger: readonly string[]
  readonly byHand: readonly string[]
}

function wayOf({ marks }: Unended, { old, successor, named }: Left, command: string): Way {
  const { name, replaces, restart, networks } = marks
  const there = [
    ...(old === undefined ? [] : [`the old container ${about(old)}`]),
    ...(successor === undefined ? [] : [`its successor ${about(successor)}`]),
  ]
  if (named !== undefined && named.id !== old?.id && named.id !== successor?.id) {
    const ids = [successor, old].flatMap((one) => (one === undefined ? [] : [short(one.id)]))
    const stranger = [
      `${name} is ${short(named.id)} now. To keep that one: docker rm --force ${ids.join(' ')}.`,
      `To have the old one back: docker rename ${short(named.id)} ${name}-other; ${command}`,
    ]
    return { there, stranger, byHand: [] }
  }
  if (old === undefined) return { there, stranger: [], byHand: [] }
  const policy = restart.Name === '' ? 'no' : restart.Name
  const byHand = [
    ...(successor === undefined ? [] : [`docker stop ${short(successor.id)}`]),
    ...(successor === undefined || named?.id !== successor.id
      ? []
      : [`docker rename ${short(successor.id)} ${name}.dockline-next`]),
    ...(old.name === name ? [] : [`docker rename ${short(replaces)} ${name}`]),
    `docker update --restart ${policy} ${short(replaces)}`,
    ...lostNetworks(old, networks).map((network) => `docker network connect ${network} ${short(replaces)}`),
    `docker start ${short(replaces)}`,
    ...(successor === undefined ? [] : [`docker rm ${short(successor.id)}`]),
  ]
  return { there, stranger: [], byHand }
}

function about(container: Seen): string {
  return `${short(container.id)} (${container.name}, ${stateOf(container)})`
}

function short(id: string): string {
  return id.slice(0, 12)
}
