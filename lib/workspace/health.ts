import pMap from 'p-map'

import { startDeadline } from '../base/deadline.ts'
import { messageOf } from '../base/errors.ts'
import type { Clock, Env, Log } from '../base/ports.ts'
import type { Backend } from './backend.ts'
import type { InstanceStore, WorkspaceRow } from './store/store.ts'
import { watch } from './watch.ts'

/** What a look at all workspaces works with. */
export interface HealthPorts {
  /** Tells what containers do; `undefined` on a platform whose agents all run elsewhere. */
  readonly checker: Pick<Backend, 'status'> | undefined
  readonly store: Pick<InstanceStore, 'withStatus' | 'markOffline'>
  readonly clock: Clock
  readonly log: Log
  /** Drops keys of the platform's cache, for instance of Redis. */
  readonly dropKeys?: ((keys: readonly string[]) => Promise<unknown>) | undefined
  /** Told once of each workspace that went offline: who wants it back restarts it here. */
  readonly onOffline?: ((id: string) => unknown) | undefined
}

export interface HealthOptions {
  /** Looks at once; default 4. */
  readonly concurrency?: number | undefined
  /** Milliseconds for one look; default 10,000. */
  readonly checkTimeout?: number | undefined
  /** Milliseconds without a heartbeat after which an agent elsewhere is offline; default 90,000. */
  readonly staleAfter?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const INTERVAL = 15_000
const CONCURRENCY = 4
const CHECK_TIMEOUT = 10_000
const STALE_AFTER = 90

/** Workspaces that went offline in one round. */
export interface HealthReport {
  readonly offline: readonly string[]
  /** Those of which nothing could be learnt: they are left alone. */
  readonly unknown: readonly string[]
}

/**
 * Looks at every workspace that should be up. Only one that is certainly stopped goes offline: an engine that is busy
 * tells nothing of its containers, and restarting them all would make it busier.
 */
export async function checkHealth(ports: HealthPorts, options: HealthOptions = {}): Promise<HealthReport> {
  const rows = await ports.store.withStatus(['online', 'degraded'])
  const remote = rows.filter(({ runtime }) => runtime === 'external')
  const local = ports.checker === undefined ? [] : rows.filter(({ runtime }) => runtime !== 'external')
  const states = await pMap(local, (row) => look(ports, row, options), {
    concurrency: options.concurrency ?? CONCURRENCY,
  })

  const stopped = local.filter((_, i) => states[i] === 'stopped')
  const stale = remote.filter((row) => isStale(row, ports.clock.now(), options.staleAfter ?? STALE_AFTER * 1000))
  const offline: string[] = []
  for (const { id } of [...stopped, ...stale]) if (await takeOffline(ports, id)) offline.push(id)
  return { offline, unknown: local.filter((_, i) => states[i] === 'unknown').map(({ id }) => id) }
}

async function look({ checker, log }: HealthPorts, { id }: WorkspaceRow, options: HealthOptions): Promise<string> {
  using deadline = startDeadline(options.checkTimeout ?? CHECK_TIMEOUT, options.signal)
  const { signal } = deadline
  const status = await checker
    ?.status(id, { signal })
    .catch((error: unknown) => ({ state: 'unknown' as const, reason: messageOf(error) }))
  if (status?.state === 'unknown') log.warn('cannot tell whether a workspace runs', { id, reason: status.reason })
  return status?.state ?? 'unknown'
}

function isStale({ lastHeartbeatAt, updatedAt }: WorkspaceRow, now: number, staleAfter: number): boolean {
  return now - (lastHeartbeatAt ?? updatedAt) > staleAfter
}

async function takeOffline({ store, log, dropKeys, onOffline }: HealthPorts, id: string): Promise<boolean> {
  try {
    if (!(await store.markOffline(id))) return false
    await dropKeys?.(cacheKeys(id))
    await onOffline?.(id)
  } catch (error) {
    log.warn('a workspace that is offline could not be dealt with', { id, error: messageOf(error) })
  }
  return true
}

/** Keys under which a platform caches that a workspace lives and where it is. */
export function cacheKeys(id: string): string[] {
  return [`ws:${id}`, `ws:${id}:url`, `ws:${id}:internal_url`]
}

/** `REMOTE_LIVENESS_STALE_AFTER` in milliseconds; what is no positive number of seconds means the default, 90. */
export function remoteStaleAfter(env: Env): number {
  const text = env['REMOTE_LIVENESS_STALE_AFTER']?.trim() ?? ''
  return (/^\d+$/.test(text) && Number(text) > 0 ? Number(text) : STALE_AFTER) * 1000
}

/** Looks at all workspaces at once and then every 15 seconds until the signal fires. */
export async function watchHealth(
  ports: HealthPorts,
  options: HealthOptions & { readonly signal: AbortSignal; readonly interval?: number | undefined },
): Promise<void> {
  const { interval = INTERVAL, signal } = options
  await watch(ports, 'health watch', { interval, signal }, () => checkHealth(ports, options))
}
