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
 * @param left `undefined` where the engine could not be asked
 */
export function leftOpen({ marks, successorId }: Unended, left: Left | undefined, cause: unknown): RefreshError {
  const code = hasCode(cause, 'IN_FLIGHT') ? 'IN_FLIGHT' : 'ROLLBACK_FAILED'
  const message = [
    `the replacement of ${marks.name} is not at its end: ${messageOf(cause)}.`,
    ...(left === undefined ? unseen(marks, successorId) : seen(marks, left)),
  ].join(' ')
  const facts = { name: marks.name, old: marks.replaces, successor: successorId }
  return new RefreshError(code, message, { cause, facts })
}

function unseen({ name, replaces }: Marks, successorId: string): string[] {
  return [
    `Left are the old container ${short(replaces)} and its successor ${short(successorId)}, as far as is known.`,
    `Once the engine answers, "${recoverCommand(name)}" goes on.`,
  ]
}

function seen({ name, replaces, restart, networks }: Marks, { old, successor, named }: Left): string[] {
  const there = [
    ...(old === undefined ? [] : [`the old container ${about(old)}`]),
    ...(successor === undefined ? [] : [`its successor ${about(successor)}`]),
  ]
  const what = there.length === 0 ? 'Nothing of it is left.' : `Left: ${there.join(', ')}.`
  const goOn = `Once the cause is mended, "${recoverCommand(name)}" goes on.`
  if (named !== undefined && named.id !== old?.id && named.id !== successor?.id) {
    const ids = [successor, old].flatMap((one) => (one === undefined ? [] : [short(one.id)]))
    return [
      what,
      `${name} is ${short(named.id)} now. To keep that one: docker rm --force ${ids.join(' ')}.`,
      `To have the old one back: docker rename ${short(named.id)} ${name}-other; ${recoverCommand(name)}`,
    ]
  }
  const policy = restart.Name === '' ? 'no' : restart.Name
  const byHand = [
    ...(successor === undefined ? [] : [`docker stop ${short(successor.id)}`]),
    ...(successor === undefined || named?.id !== successor.id
      ? []
      : [`docker rename ${short(successor.id)} ${name}.dockline-next`]),
    ...(old === undefined || old.name === name ? [] : [`docker rename ${short(replaces)} ${name}`]),
    ...(old === undefined
      ? []
      : [
          `docker update --restart ${policy} ${short(replaces)}`,
          ...lostNetworks(old, networks).map((network) => `docker network connect ${network} ${short(replaces)}`),
          `docker start ${short(replaces)}`,
        ]),
    ...(successor === undefined || old === undefined ? [] : [`docker rm ${short(successor.id)}`]),
  ]
  return [what, goOn, ...(old === undefined ? [] : [`By hand: ${byHand.join('; ')}`])]
}

function about(container: Seen): string {
  return `${short(container.id)} (${container.name}, ${stateOf(container)})`
}

function short(id: string): string {
  return id.slice(0, 12)
}
