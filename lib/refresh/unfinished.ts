import { isActive, listAll, see, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { heldBy, type HoldContext } from './holder.ts'
import { OP_LABEL, isTaken, isTemporaryName, previousName, type Marks } from './marks.ts'
import { isSelected, type Selection } from './selection.ts'
import { isArmed, memberOf, type Member, type Operation } from './settle.ts'

/** An operation that has not come to its end, and its successors as they were seen. */
export interface Unfinished {
  readonly operation: Operation
  readonly successors: readonly Seen[]
  /** True when another process was replacing the same container already: then this one has touched nothing. */
  readonly overtaken: boolean
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

/** Why an operation is not to be taken up now. The lease is made as the containers are: that of the last one knows all. */
export function whoHolds(context: HoldContext, { operation, successors }: Unfinished): Promise<string | undefined> {
  const [{ marks }] = operation as readonly [Member]
  const lease = Math.max(...operation.map((member) => member.marks.lease))
  return heldBy(context, { ...marks, lease }, successors)
}

/** True when a selection has all containers of an operation. A successor has the labels of the one it replaces. */
export function isWithin(selection: Selection | undefined, { operation, successors }: Unfinished): boolean {
  if (selection === undefined) return true
  return operation.every(({ marks }, i) =>
    isSelected(selection, { Names: [marks.name], Labels: successors[i]?.view.Config.Labels ?? {} }),
  )
}

/** An operation that nobody works on: something of it may be down until it is recovered. */
export interface OpenOperation {
  readonly op: string
  /** The containers that it is about. */
  readonly names: readonly string[]
  /** Whether the selection has all of them. */
  readonly selected: boolean
}

/** Operations that have not come to their end and that nobody is seen, or supposed, to work on. Touches nothing. */
export async function openOperations(context: HoldContext, selection?: Selection): Promise<OpenOperation[]> {
  const open: OpenOperation[] = []
  for (const unfinished of await findUnfinished(context.engine)) {
    if ((await whoHolds(context, unfinished)) !== undefined) continue
    const names = unfinished.operation.map(({ marks }) => marks.name)
    const [{ marks }] = unfinished.operation as readonly [Member]
    open.push({ op: marks.op, names, selected: isWithin(selection, unfinished) })
  }
  return open
}
