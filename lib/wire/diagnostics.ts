import { channel } from 'node:diagnostics_channel'

import { isDockerError, type ErrorCode } from '../base/errors.ts'
import type { Where } from './failure.ts'

/**
 * Published on `dockline:request:start`, and with more members on the channels that follow it. Path without version
 * and query: neither options, bodies nor credentials are ever in a message.
 */
export interface RequestMessage {
  /** The same for all messages of one request. */
  readonly id: number
  readonly method: string
  readonly path: string
  /** The engine, as a URL. */
  readonly endpoint: string
}

/** Published on `dockline:request:headers`, when the answer began. */
export interface RequestHeadersMessage extends RequestMessage {
  readonly status: number
}

/** Published on `dockline:request:error`, in place of `dockline:request:end`. */
export interface RequestErrorMessage extends RequestMessage {
  readonly code: ErrorCode | undefined
  readonly status: number | undefined
}

/** What a request tells of itself. Every trace ends with `end` or `error`; what comes after that is dropped. */
export interface Trace {
  headers(status: number): void
  error(error: unknown): void
  end(): void
}

const started = channel('dockline:request:start')
const headersCame = channel('dockline:request:headers')
const ended = channel('dockline:request:end')
const failed = channel('dockline:request:error')

const SILENT: Trace = { headers: () => {}, error: () => {}, end: () => {} }
let count = 0

/** Begins a trace: nothing but four looks when nobody listens. */
export function traceRequest({ method, path, endpoint }: Where): Trace {
  const heard = started.hasSubscribers || headersCame.hasSubscribers || ended.hasSubscribers || failed.hasSubscribers
  if (!heard) return SILENT
  const message: RequestMessage = { id: ++count, method, path, endpoint }
  let open = true
  started.publish(message)
  return {
    headers: (status) => {
      if (open) headersCame.publish({ ...message, status } satisfies RequestHeadersMessage)
    },
    error: (error) => {
      if (!open) return
      open = false
      const { code, status } = isDockerError(error) ? error : { code: undefined, status: undefined }
      failed.publish({ ...message, code, status } satisfies RequestErrorMessage)
    },
    end: () => {
      if (!open) return
      open = false
      ended.publish(message)
    },
  }
}
