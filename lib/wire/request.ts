// A request of the Engine API as it goes to the transport.
import { printJson } from '../base/json.ts'
import type { Operation } from './operation.ts'
import { encodeQuery } from './query.ts'
import type { WireRequest } from './transport.ts'

/** How the answer is read: at once, as it comes, or as a raw connection. */
export type Manner = 'short' | 'streaming' | 'upgrade'

/** Milliseconds for a call that names no other deadline and whose operation has none. */
const UNARY_TIMEOUT = 30_000

/** The operation as a request in the given version of the API; without one its path has no version. */
export function toRequest(operation: Operation, version: string | undefined, manner: Manner): WireRequest {
  const { call } = operation
  const patience = manner === 'short' ? (operation.patience ?? UNARY_TIMEOUT) : 0
  const headersTimeout = call?.headersTimeout ?? patience
  const idleTimeout = call?.idleTimeout ?? patience
  return {
    method: operation.method,
    path: `${version === undefined ? '' : `/v${version}`}${operation.path}${encodeQuery(operation.query)}`,
    headers: headersOf(operation),
    body: operation.raw?.body ?? (operation.json === undefined ? undefined : printJson(operation.json)),
    signal: call?.signal,
    streaming: manner !== 'short',
    upgrade: manner === 'upgrade',
    connectTimeout: call?.connectTimeout,
    headersTimeout,
    idleTimeout,
    totalTimeout: total(patience, headersTimeout, idleTimeout),
  }
}

// A caller who grants an answer more time than usual grants it to the whole.
function total(patience: number, headersTimeout: number, idleTimeout: number): number {
  if (patience === 0 || headersTimeout === 0 || idleTimeout === 0) return 0
  return Math.max(patience, headersTimeout > patience ? headersTimeout : 0, idleTimeout > patience ? idleTimeout : 0)
}

function headersOf({ headers, json, raw, protocol }: Operation): Record<string, string> {
  const type = raw?.type ?? (json === undefined ? undefined : 'application/json')
  return {
    ...headers,
    ...(type === undefined ? {} : { 'Content-Type': type }),
    ...(protocol === undefined ? {} : { Upgrade: protocol }),
  }
}

/** Whether it can be sent again: a body that was read once cannot. */
export function isRepeatable({ raw }: Operation): boolean {
  return raw === undefined || raw.body instanceof Uint8Array
}
