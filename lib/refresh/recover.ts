import { hasCode, isDockerError, messageOf, type ErrorCode } from '../base/errors.ts'
import { isActive, listAll, see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { discard } from './discard.ts'
import { dismissHelpers } from './dismiss.ts'
import { heldBy, type HoldContext } from './holder.ts'
import { OP_LABEL, isTaken, isTemporaryName, previousName, type Marks } from './marks.ts'
import { isArmed, memberOf, settle, type Member, type Operation, type SettleContext } from './settle.ts'

export interface RecoverContext extends SettleContext, HoldContext {
  readonly onRecovered?: ((recovered: Recovered) => void) | undefined
}

/** What became of an operation that had not come to its end. */
export interface Recovered {
  /** Name of the container that it is about. */
  readonly name: string
  readonly op: string
  readonly outcome: 'committed' | 'rolled-back' | 'busy' | 'failed'
  readonly reason?: string | undefined
  readonly code?: ErrorCode | undefined
}

/** An operation that has not come to its end, and its successors as they were seen. */
export interface Unfinished {
  readonly operation: Operation
  readonly successors: readonly Seen[]
  /** True when another process was replacing the same container already: then this one has touched nothing. */
  readonly overtaken: boolean
}

/**
 * Ends the operations that somebody did not: those of which a container's marks tell of an old one that still exists, or
 * that still has a temporary name. Looks only at the engine, may be interrupted, and run again changes nothing.
 */
export async function recover(context: RecoverContext): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  for (const unfinished of await findUnfinished(context.engine)) {
    const result = await recoverOne(context, unfinished)
    for (const { marks } of unfinished.operation) {
      const one = { name: marks.name, op: marks.op, ...result }
      context.onRecovered?.(one)
      recovered.push(one)
    }
  }
  for (const one of await dismissHelpers(context)) {
    context.onRecovered?.(one)
    recovered.push(one)
  }
  return recovered
}

/** Operations that have not come to their end. */
export async function findUnfinished(engine: RefreshEngine): Promise<Unfinished[]> {
  const marked = await listAll(engine, OP_LABEL)
  const found: Found[] = []
  for (const { Id } of marked) {
    const successor = await see(engine, Id)
    const member = successor === undefined ? undefined : memberOf(successor)
    if (successor !== undefined && member !== undefined) found.push({ successor, member })
  }
  const operations = new Map<string, (Found & { readonly open: boolean })[]>()
  for (const { successor, member } of found) {
    const { op } = member.marks
    const open = await isOpen(engine, { successor, member }, found)
    operations.set(op, [...(operations.get(op) ?? []), { successor, member, open }])
  }
  return [...operations.values()]
    .filter((members) => members.some(({ open }) => open))
    .map((members) => members.toSorted((a, b) => a.member.marks.member - b.member.marks.member))
    .map((members) => ({
      operation: members.map(({ member }) => member),
      successors: members.map(({ successor }) => successor),
      overtaken: members.some((member) => found.some((other) => isBefore(other, member))),
    }))
}

type Found = { readonly successor: Seen; readonly member: Member }

// Who sees, once its successor is made, that another has come before takes it back; so one that is left never did more.
function isBefore(other: Found, { successor, member }: Found): boolean {
  const { op, replaces } = other.member.marks
  if (op === member.marks.op || replaces !== member.marks.replaces || !isTemporaryName(successor.name)) return false
  if (wasTaken(other)) return false
  return (
    stateOf(successor) === 'created' && Date.parse(other.successor.view.Created) < Date.parse(successor.view.Created)
  )
}

// One that is itself being replaced has its temporary name from that, its own marks being history. And where the old one
// is gone, as with --rm, the name alone is not the end: one in the place of a container that ran is to run.
async function isOpen(engine: RefreshEngine, one: Found, found: readonly Found[]): Promise<boolean> {
  const { successor, member } = one
  const { marks } = member
  const old = await see(engine, marks.replaces)
  const replaces = (id: string): Found[] => found.filter(({ member }) => member.marks.replaces === id)
  if (wasTaken(one)) {
    const alone = replaces(marks.replaces).every(wasTaken)
    return alone && old !== undefined && isLeft(old, successor, marks)
  }
  if (isTemporaryName(successor.name) && replaces(successor.id).length === 0) return true
  if (stateOf(successor) === 'created' && isActive(marks.was)) return true
  return old !== undefined && !isTaken(old.name, marks)
}

function wasTaken({ successor, member }: Found): boolean {
  return isTaken(successor.name, member.marks)
}

// Whether the old container still is as a replacement leaves it, after somebody took the new one.
function isLeft(old: Seen, successor: Seen, marks: Marks): boolean {
  if (old.name !== marks.name) return old.name === previousName(marks.name)
  const does = !isActive(marks.was) || isActive(stateOf(old))
  return stateOf(successor) === 'created' && !(does && isArmed(old, marks.restart))
}

async function recoverOne(
  context: RecoverContext,
  unfinished: Unfinished,
): Promise<Pick<Recovered, 'outcome' | 'reason' | 'code'>> {
  const [{ marks }] = unfinished.operation as readonly [Member]
  const held = await heldBy(context, marks, unfinished.successors)
  if (held !== undefined) return { outcome: 'busy', reason: held }
  try {
    if (unfinished.overtaken) {
      await discard(context, unfinished.operation)
      return { outcome: 'rolled-back', reason: 'another process had come before' }
    }
    return { outcome: await settle(context, unfinished.operation, 'decide') }
  } catch (error) {
    if (hasCode(error, 'BUSY')) return { outcome: 'busy', reason: messageOf(error), code: error.code }
    return { outcome: 'failed', reason: messageOf(error), code: isDockerError(error) ? error.code : 'UNEXPECTED' }
  }
}
