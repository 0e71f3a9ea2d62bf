import type { Clock } from '../../base/ports.ts'
import { changed, mayGoOffline, newRow, type InstanceStore, type WorkspaceRow } from './store.ts'

/** Rows in memory, by id, and what a store does with them. */
export type Rows = Map<string, WorkspaceRow>

/** Reads rows, and changes them: `write` is given the rows to change, and keeps them when it is done. */
export interface RowsKeeper {
  read(): Promise<Rows>
  write<T>(change: (rows: Rows) => T): Promise<T>
}

/** A store over rows that fit into memory. */
export function rowsStore(keeper: RowsKeeper, clock: Pick<Clock, 'now'>): InstanceStore {
  const find = async (id: string): Promise<WorkspaceRow | undefined> => (await keeper.read()).get(id)
  return {
    get: find,
    instanceId: async (id) => (await find(id))?.instanceId ?? '',
    save: (id, change, unless = []) =>
      keeper.write((rows) => {
        const row = rows.get(id)
        if (row !== undefined && unless.includes(row.status)) return false
        rows.set(id, changed(row ?? newRow(id, clock.now()), change, clock.now()))
        return true
      }),
    markOffline: (id) =>
      keeper.write((rows) => {
        const row = rows.get(id)
        if (row === undefined || !mayGoOffline(row)) return false
        rows.set(id, changed(row, { status: 'offline', url: null }, clock.now()))
        return true
      }),
    withStatus: async (statuses) =>
      [...(await keeper.read()).values()].filter(({ status }) => statuses.includes(status)),
    removedWith: async (prefixes) =>
      [...(await keeper.read()).values()]
        .filter(({ id, status }) => status === 'removed' && prefixes.some((prefix) => id.startsWith(prefix)))
        .map(({ id }) => id),
    knownOf: async (prefixes) => {
      const ids = [...(await keeper.read()).keys()]
      return prefixes.filter((prefix) => ids.some((id) => id.startsWith(prefix)))
    },
    isEmpty: async () => (await keeper.read()).size === 0,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
