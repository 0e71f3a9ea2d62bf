// Operations that this very process has under way. Its identity cannot tell: it stays the same when an operation ends
// without coming to its end, because the engine was away for too long.

// On the global object, for a program may hold two copies of this library.
const KEY = Symbol.for('dockline.underWay')

function operations(): Map<string, number> {
  const home = globalThis as { [KEY]?: Map<string, number> }
  return (home[KEY] ??= new Map())
}

function keyOf(holder: string, op: string): string {
  return `${holder} ${op}`
}

/** True while this process works on an operation of this holder. */
export function isUnderWay(holder: string, op: string): boolean {
  return operations().has(keyOf(holder, op))
}

/** Runs `work` on an operation: meanwhile it is under way. */
export async function whileUnderWay<T>(holder: string, op: string, work: () => Promise<T>): Promise<T> {
  const all = operations()
  const key = keyOf(holder, op)
  all.set(key, (all.get(key) ?? 0) + 1)
  try {
    return await work()
  } finally {
    const left = (all.get(key) ?? 1) - 1
    if (left === 0) all.delete(key)
    else all.set(key, left)
  }
}
