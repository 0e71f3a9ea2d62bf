import type { Clock } from '../../base/ports.ts'
import { systemClock } from '../../base/system.ts'
import { rowsStore, type Rows } from './rows.ts'
import type { InstanceStore, WorkspaceRow } from './store.ts'

/** Workspaces in memory, for as long as the process lives. */
export function memoryStore(
  initial: Iterable<WorkspaceRow> = [],
  clock: Pick<Clock, 'now'> = systemClock,
): InstanceStore {
  const rows: Rows = new Map([...initial].map((row) => [row.id, row]))
  return rowsStore({ read: async () => rows, write: async (change) => change(rows) }, clock)
}
