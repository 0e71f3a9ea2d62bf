import type { Duplex } from 'node:stream'

/** One HTTP request as it goes to the engine. */
export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Path with version prefix and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  readonly signal?: AbortSignal | undefined
  /** A long answer: it gets a connection of its own, so that it never blocks short calls. */
  readonly streaming?: boolean | undefined
  /** Asks for a raw connection (`Upgrade: tcp`). */
  readonly upgrade?: boolean | undefined
  /** Milliseconds to connect, when a connection is needed; default the transport's. */
  readonly connectTimeout?: number | undefined
  /** Milliseconds until the status line; 0 waits for ever. */
  readonly headersTimeout: number
  /** Milliseconds of silence inside the body; 0 waits for ever. */
  readonly idleTimeout: number
  /** Milliseconds from the moment it is sent to the end of the body; 0 or absent waits for ever. */
  readonly totalTimeout?: number | undefined
}

export interface WireResponse {
  readonly status: number
  /** Lower-case names; several values are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: WireBody
  /** The raw connection after a 101, with all bytes that came behind it; its `end()` is a half-close. */
  readonly socket?: Duplex | undefined
}

/** Bytes as they come. Leaving a loop over them, or `cancel()`, closes the connection. */
export interface WireBody extends AsyncIterable<Uint8Array> {
  cancel(): void
}

/** The byte seam: one implementation speaks to an engine, others replay, record or fail on purpose. */
export interface Transport {
  /** @throws ConnectionError, TimeoutError, AbortedError */
  request(request: WireRequest): Promise<WireResponse>
  close(): Promise<void>
}
