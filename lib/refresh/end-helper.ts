import type { RefreshEngine } from './container.ts'
import { containerOf } from './holder.ts'
import { findUnfinished } from './unfinished.ts'

/**
 * The last act of a helper: with its work done it removes itself. Where the work failed it stays, with what it wrote, and
 * is not started again; the next recovery takes it away.
 *
 * @returns false when it has left something unfinished: its process is to end with an error, so that the engine starts it
 * again and it takes that up
 */
export async function endHelper(engine: RefreshEngine, selfId: string, succeeded: boolean): Promise<boolean> {
  const open = (await findUnfinished(engine)).flatMap(({ operation }) => operation)
  if (open.some(({ marks }) => containerOf(marks.holder) === selfId)) return false
  if (!succeeded) {
    const kept = await engine.containers.update(selfId, { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } }).then(
      () => true,
      () => false, // podman 4 has no such call
    )
    if (kept) return true
  }
  await engine.containers.remove(selfId, { force: true })
  return true
}
