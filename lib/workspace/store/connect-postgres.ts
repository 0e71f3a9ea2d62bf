import { WorkspaceError } from '../../base/errors.ts'
import type { Log } from '../../base/ports.ts'
import { postgresStore } from './postgres.ts'
import type { InstanceStore } from './store.ts'

const CONNECT_TIMEOUT = 10_000
const QUERY_TIMEOUT = 30_000

/**
 * Opens the platform's database. Needs the package `pg`, which is loaded here and nowhere else. Nothing is sent before
 * the first question; a database that is away and comes back is found again.
 *
 * @throws WorkspaceError `UNSUPPORTED` without the package
 */
export async function connectPostgres(url: string, log: Log): Promise<InstanceStore> {
  const pg = await import('pg').catch((cause: unknown) => {
    throw new WorkspaceError('UNSUPPORTED', 'a PostgreSQL store needs the package "pg": npm install pg', { cause })
  })
  const pool = new pg.default.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: QUERY_TIMEOUT,
  })
  // A connection that dies while it rests says so here; unheard, it would end the process.
  pool.on('error', () => log.warn('a resting connection to the workspace database was lost'))
  return postgresStore(pool)
}
