import type { Duplex } from 'node:stream'

import { printJson, type JsonValue } from '../../base/json.ts'

/** What a handler answers. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: ReplyBody | undefined
}

export type ReplyBody =
  | { readonly text: string; readonly type: string }
  | { readonly bytes: Uint8Array; readonly type: string }
  /** Taken as it is read; who leaves ends it. */
  | { readonly stream: AsyncIterable<Uint8Array>; readonly type: string | undefined }
  /** A raw connection, if the client asked for one; else its output is the body. */
  | { readonly hijack: Hijack; readonly type: string }

export type Hijack = (socket: Duplex) => Promise<void>

/** Thrown inside a stream: the connection breaks there. */
export class Cut extends Error {}

export function json(value: JsonValue, status = 200): Reply {
  return { status, body: { text: `${printJson(value)}\n`, type: 'application/json' } }
}

export function empty(status = 204): Reply {
  return { status }
}

export function text(words: string, status = 200, type = 'text/plain; charset=utf-8'): Reply {
  return { status, body: { text: words, type } }
}

export function stream(
  chunks: AsyncIterable<Uint8Array>,
  type: string | undefined = 'application/json',
  headers?: Readonly<Record<string, string>>,
): Reply {
  return { status: 200, body: { stream: chunks, type }, headers }
}
