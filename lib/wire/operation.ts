import type { Feature } from './gates.ts'
import type { Query } from './query.ts'
import type { WireRequest } from './transport.ts'

/** Cancellation and deadlines of one call; the last parameter of every operation. */
export interface CallOptions {
  /** Ends the call at once, wherever it is. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds to connect, when a connection is needed; default the client's. */
  readonly connectTimeout?: number | undefined
  /** Milliseconds until the answer begins; 0 waits for ever. Default that of the operation: see "Deadlines" in the README. */
  readonly headersTimeout?: number | undefined
  /** Milliseconds of silence inside the answer; 0 waits for ever. Default that of the operation. */
  readonly idleTimeout?: number | undefined
  /**
   * Milliseconds for the whole call: the version that is asked for first, every request that it is made of, and the body
   * of the answer. 0 waits for ever. Default that of the operation, 30,000 for most.
   */
  readonly timeout?: number | undefined
}

/** A request of the Engine API, before its version is known. */
export interface Operation {
  readonly method: WireRequest['method']
  /** Path without version prefix. */
  readonly path: string
  readonly query?: Query | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is, for instance a tar. */
  readonly raw?: { readonly type: string; readonly body: Uint8Array | AsyncIterable<Uint8Array> } | undefined
  /** Features that the API version must have. */
  readonly needs?: readonly Feature[] | undefined
  /** What an upgrade speaks, as its `Upgrade` header names it; default `tcp`. */
  readonly protocol?: string | undefined
  /** Spoken for this call alone, whatever was agreed on. */
  readonly version?: string | undefined
  /** `_ping` and nothing else. */
  readonly unversioned?: boolean | undefined
  /** Milliseconds within which a real engine is done with it; default 30,000. */
  readonly patience?: number | undefined
  /** May last: a connection of its own and no deadlines but the caller's. Streams are so by themselves. */
  readonly long?: boolean | undefined
  /** Told when the answer's headers are there: a wait is armed then, a subscription stands. */
  readonly opened?: (() => void) | undefined
  readonly call?: CallOptions | undefined
}

/** An operation, or how to make it: of an operation that is streamed, its reader is told what is wrong with it. */
export type OperationSource = Operation | (() => Operation)

/** Makes the operation now, for its body is watched from the beginning, and throws what is wrong with it only when asked. */
export function prepared(source: OperationSource): () => Operation {
  if (typeof source !== 'function') return () => source
  try {
    const operation = source()
    return () => operation
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** 304 is not an error: the goal was reached already. */
export interface Changed {
  readonly changed: boolean
}

export interface HeadResult {
  readonly headers: Readonly<Record<string, string>>
}
