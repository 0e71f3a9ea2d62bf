import { WorkspaceError, isDockerError, messageOf } from '../../base/errors.ts'
import type { InstanceStore, RowChange, RowStatus, WorkspaceRow } from './store.ts'

/** What is used of a `pg` pool. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>
  end(): Promise<void>
}

const COLUMNS = 'id::text, status::text, runtime, tier, url, instance_id, last_heartbeat_at, updated_at'
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Workspaces in the platform's own table `workspaces`. */
export function postgresStore(pool: Queryable): InstanceStore {
  const query = async (text: string, values: unknown[] = []) => {
    try {
      return await pool.query(text, values)
    } catch (cause) {
      throw isDockerError(cause) ? cause : unanswered(cause)
    }
  }
  return {
    get: async (id) => {
      if (!UUID.test(id)) return undefined
      const { rows } = await query(`SELECT ${COLUMNS} FROM workspaces WHERE id = $1`, [id])
      return rows[0] === undefined ? undefined : toRow(rows[0])
    },
    instanceId: async (id) => {
      if (!UUID.test(id)) return ''
      const { rows } = await query('SELECT instance_id FROM workspaces WHERE id = $1', [id])
      return textOf(rows[0]?.['instance_id']) ?? ''
    },
    save: async (id, change, unless = []) => (await query(...upsert(id, change, unless))).rowCount === 1,
    markOffline: async (id) => {
      if (!UUID.test(id)) return false
      const { rowCount } = await query(
        `UPDATE workspaces SET status = 'offline', url = '', updated_at = now()
         WHERE id = $1 AND status IN ('online', 'degraded')`,
        [id],
      )
      return rowCount === 1
    },
    withStatus: async (statuses) => {
      const { rows } = await query(`SELECT ${COLUMNS} FROM workspaces WHERE status::text = ANY($1)`, [statuses])
      return rows.map(toRow)
    },
    removedWith: async (prefixes) => {
      const { rows } = await query(
        `SELECT id::text FROM workspaces WHERE status = 'removed' AND id::text LIKE ANY($1)`,
        [prefixes.map(pattern)],
      )
      return idsOf(rows)
    },
    knownOf: async (prefixes) => {
      const { rows } = await query(`SELECT id::text FROM workspaces WHERE id::text LIKE ANY($1)`, [
        prefixes.map(pattern),
      ])
      const ids = idsOf(rows)
      return prefixes.filter((prefix) => ids.some((id) => id.startsWith(prefix.toLowerCase())))
    },
    isEmpty: async () => (await query('SELECT 1 FROM workspaces LIMIT 1')).rows.length === 0,
    close: () => pool.end(),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

function idsOf(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map(({ id }) => String(id))
}

// PostgreSQL prints a UUID in lower case.
function pattern(prefix: string): string {
  return `${prefix.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
}

function upsert(id: string, change: RowChange, unless: readonly RowStatus[]): [text: string, values: unknown[]] {
  const { lastHeartbeatAt } = change
  const columns: [name: string, value: unknown][] = [
    ['status', change.status],
    ['runtime', change.runtime],
    ['tier', change.tier],
    ['url', change.url === null ? '' : change.url],
    ['instance_id', change.instanceId],
    ['last_heartbeat_at', lastHeartbeatAt === undefined ? undefined : new Date(lastHeartbeatAt)],
  ]
  const given = columns.filter(([, value]) => value !== undefined)
  const names = given.map(([name]) => name)
  const text = `INSERT INTO workspaces (${['id', ...names].join(', ')})
    VALUES (${['id', ...names].map((_, i) => `$${i + 1}`).join(', ')})
    ON CONFLICT (id) DO UPDATE SET ${[...names.map((name) => `${name} = EXCLUDED.${name}`), 'updated_at = now()'].join(', ')}
    WHERE workspaces.status::text <> ALL($${given.length + 2}::text[])`
  return [text, [id, ...given.map(([, value]) => value), unless]]
}

function toRow(row: Record<string, unknown>): WorkspaceRow {
  return {
    id: String(row['id']),
    status: String(row['status']) as RowStatus,
    runtime: textOf(row['runtime']) ?? 'langgraph',
    tier: Number(row['tier']),
    url: textOf(row['url']),
    instanceId: textOf(row['instance_id']),
    lastHeartbeatAt: timeOf(row['last_heartbeat_at']),
    updatedAt: timeOf(row['updated_at']) ?? 0,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function timeOf(value: unknown): number | undefined {
  return value instanceof Date ? value.getTime() : undefined
}

// The driver's words may quote the statement's values or the address; they go to the cause and not into the message.
function unanswered(cause: unknown): WorkspaceError {
  const code = (cause as { code?: unknown }).code
  const reason = typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'unknown'
  return new WorkspaceError('STORE_FAILED', `the workspace database does not answer as it should (${reason})`, {
    cause: new Error(messageOf(cause)),
  })
}
