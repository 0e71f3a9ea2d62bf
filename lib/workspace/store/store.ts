/** What the platform knows of a workspace's life. */
export type RowStatus =
  | 'provisioning'
  | 'online'
  | 'degraded'
  | 'offline'
  | 'failed'
  | 'removed'
  | 'paused'
  | 'hibernated'

/** A workspace on file. */
export interface WorkspaceRow {
  readonly id: string
  readonly status: RowStatus
  /** `external` for agents that run elsewhere and only report. */
  readonly runtime: string
  readonly tier: number
  readonly url: string | undefined
  /** The machine of a control plane, never the workspace's own id. */
  readonly instanceId: string | undefined
  /** Milliseconds since the epoch; `undefined` for never. */
  readonly lastHeartbeatAt: number | undefined
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** What is to change; `undefined` leaves it as it is, null empties it. */
export interface RowChange {
  readonly status?: RowStatus | undefined
  readonly runtime?: string | undefined
  readonly tier?: number | undefined
  readonly url?: string | null | undefined
  readonly instanceId?: string | null | undefined
  readonly lastHeartbeatAt?: number | undefined
}

/** Where workspaces are on file. Every method rejects with `STORE_FAILED` when the store cannot be asked. */
export interface InstanceStore extends AsyncDisposable {
  get(id: string): Promise<WorkspaceRow | undefined>
  /** The machine of a workspace; `""` for none, or for a workspace that is not known. */
  instanceId(id: string): Promise<string>
  /** Changes a row, or makes it; false when it was left alone, for it had one of these statuses. */
  save(id: string, change: RowChange, unless?: readonly RowStatus[]): Promise<boolean>
  /** Marks one that is online or degraded offline, and forgets its URL; false when it was left alone. */
  markOffline(id: string): Promise<boolean>
  /** Rows of these statuses. */
  withStatus(statuses: readonly RowStatus[]): Promise<WorkspaceRow[]>
  /** Full ids of the removed workspaces that begin with one of these. */
  removedWith(prefixes: readonly string[]): Promise<string[]>
  /** Those of these with which any workspace begins, whatever its status. */
  knownOf(prefixes: readonly string[]): Promise<string[]>
  /** True without a single row: a fresh database, or the wrong one. */
  isEmpty(): Promise<boolean>
  close(): Promise<void>
}

/** A row that is not on file yet. */
export function newRow(id: string, now: number): WorkspaceRow {
  return {
    id,
    status: 'provisioning',
    runtime: 'langgraph',
    tier: 2,
    url: undefined,
    instanceId: undefined,
    lastHeartbeatAt: undefined,
    updatedAt: now,
  }
}

/** The row with the change made. */
export function changed(row: WorkspaceRow, change: RowChange, now: number): WorkspaceRow {
  return {
    id: row.id,
    status: change.status ?? row.status,
    runtime: change.runtime ?? row.runtime,
    tier: change.tier ?? row.tier,
    url: change.url === undefined ? row.url : (change.url ?? undefined),
    instanceId: change.instanceId === undefined ? row.instanceId : (change.instanceId ?? undefined),
    lastHeartbeatAt: change.lastHeartbeatAt ?? row.lastHeartbeatAt,
    updatedAt: now,
  }
}

/** True for a row that a look at its container may mark offline: one that is paused or removed meanwhile is not to come back. */
export function mayGoOffline({ status }: WorkspaceRow): boolean {
  return status === 'online' || status === 'degraded'
}
