/** Time. Wall time for what is shown, monotonic time for what is measured or waited for. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds from an arbitrary start that never jump. */
  monotonic(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The process environment, read only. */
export type Env = Readonly<Record<string, string | undefined>>

/** The little of a file system that dockline reads. */
export interface Files {
  /** Whole file as text; `undefined` when there is none. Refuses what is not a regular file or above `maxBytes`. */
  readText(path: string, maxBytes?: number): Promise<string | undefined>
  /** Permission bits of what is at `path`; `undefined` when there is nothing. */
  mode(path: string): Promise<number | undefined>
  /** What is at `path`: `denied` when it may not be opened for reading and writing. */
  probe(path: string): Promise<'absent' | 'socket' | 'file' | 'directory' | 'other' | 'denied'>
}

export interface Random {
  /** A fresh identifier of `bytes` random bytes in lower-case hex. */
  id(bytes?: number): string
  /** A number in [0, 1). */
  fraction(): number
}

/** Structured log lines. Never given a secret; nothing is logged unless a log is passed. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Who runs an operation, so that another process can tell whether it still lives. */
export interface Processes {
  /** An identity of this process that no other ever has, on this machine or elsewhere. */
  self(): Promise<string>
  /** `unknown` when it runs, or ran, where it cannot be looked at. */
  state(identity: string): Promise<'alive' | 'dead' | 'unknown'>
}
