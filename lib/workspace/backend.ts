import type { OutputStream } from '../engine/output-stream.ts'
import type { ContainerLogsOptions } from '../engine/container-io.ts'
import type { Workspace } from './workspace.ts'

/**
 * What a workspace does. `stopped` is only ever said on evidence: the engine or the control plane answered, and what
 * it answered means that nothing runs. Everything else is `unknown`, and nobody may take a workspace down for that.
 */
export type Status =
  | { readonly state: 'running' }
  | { readonly state: 'stopped' }
  | { readonly state: 'unknown'; readonly reason: string; readonly error?: unknown }

/** What a start came to. */
export interface Started {
  /** Where the platform reaches the agent, when that is known already. */
  readonly url: string | undefined
  /** The machine of a control plane. */
  readonly instanceId: string | undefined
  /** What went otherwise than wished, in words. */
  readonly warnings: readonly string[]
}

export interface BackendOptions {
  readonly signal?: AbortSignal | undefined
}

export interface RemoveOptions extends BackendOptions {
  /** The data at /workspace too, which otherwise stays. */
  readonly data?: boolean | undefined
}

/** Where workspaces run. Every call is safe for a workspace that is not known, and every call but `start` idempotent. */
export interface Backend extends AsyncDisposable {
  readonly kind: 'docker' | 'control-plane' | 'none'
  /** Runs a workspace, in the place of one that ran before. @throws WorkspaceError and what the other side said */
  start(workspace: Workspace, options?: BackendOptions): Promise<Started>
  /** Ends it and keeps its data. One that is gone is a success; anything else that is not certain is an error. */
  stop(id: string, options?: BackendOptions): Promise<void>
  /** Never rejects for what the other side did. */
  status(id: string, options?: BackendOptions): Promise<Status>
  /** Ends it and removes what it kept, but the data at /workspace. */
  remove(id: string, options?: RemoveOptions): Promise<void>
  /** The end of what it printed, at most 256 KiB. */
  console(id: string, options?: BackendOptions): Promise<string>
  close(): Promise<void>
}

/** The most that `console` gives, in bytes. */
export const CONSOLE_LIMIT: number = 256 << 10

/** A backend that can follow the output of a workspace. */
export interface Logging {
  logs(id: string, options?: ContainerLogsOptions & BackendOptions): OutputStream
}

export interface ReadOptions extends BackendOptions {
  /** Bytes; default 1 MiB. */
  readonly maxBytes?: number | undefined
}

/** A backend that can look into the files of a workspace. */
export interface Reading {
  /** A text file as the running agent sees it. @throws WorkspaceError `NOT_FOUND`; StreamError `TOO_LARGE` */
  readFile(id: string, path: string, options?: ReadOptions): Promise<string>
  /** A file of the config volume, running or not; `undefined` when there is none. @throws StreamError `TOO_LARGE` */
  readConfig(id: string, path: string, options?: ReadOptions): Promise<Uint8Array | undefined>
  /** Whether the config volume has a file. An engine that cannot tell is an error, not a no. */
  hasConfig(id: string, path: string, options?: BackendOptions): Promise<boolean>
  /** Puts a token into the config volume, readable by the agent alone. */
  writeToken(id: string, token: string, options?: BackendOptions): Promise<void>
}

/** A backend that can tell where an agent is now: a published port is another one after each start. */
export interface Locating {
  /** `undefined` for a workspace that has no container. */
  url(id: string, options?: BackendOptions): Promise<string | undefined>
}

/** What of a workspace was found on an engine. */
export interface Found {
  /** Id of the workspace, or the beginning of one where older platforms cut it. */
  readonly key: string
  /** Name of the container or volume that was found. */
  readonly name: string
  /** The platform whose mark it bears; `undefined` for none. */
  readonly instance: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** A backend whose leftovers can be swept. */
export interface Reaping extends Pick<Backend, 'stop'> {
  /** Containers that are called like those of workspaces. */
  named(options?: BackendOptions): Promise<Found[]>
  /** Containers that bear the mark of a platform. */
  labelled(options?: BackendOptions): Promise<Found[]>
  /** Marked config and session volumes that no container uses. */
  unusedVolumes(options?: BackendOptions): Promise<Found[]>
  /** Removes config and session volumes of a workspace. */
  removeVolumes(id: string, options?: BackendOptions): Promise<void>
}
