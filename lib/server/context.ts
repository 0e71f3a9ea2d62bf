import type { Context } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'

import type { Failure } from './schema/failure.ts'

/** Who is at the other end, as the listener knows it. */
export interface Client {
  /** Address without port, or `unix`. It counts failures of authentication. */
  readonly address?: string | undefined
}

/** What the parts of the app tell each other of one request. */
export interface AppEnv {
  Bindings: Client
  Variables: {
    requestId: string
    /** Name of the token. */
    by: string
    /** Id of the job that the request is about, for the log. */
    job: string
  }
}

export type AppContext = Context<AppEnv>

/** An answer that says what is wrong. */
export function fail(c: AppContext, status: number, failure: Failure, headers: Record<string, string> = {}): Response {
  return json(c, status, failure, headers)
}

/** A JSON answer. */
export function json(c: AppContext, status: number, value: unknown, headers: Record<string, string> = {}): Response {
  return c.newResponse(`${JSON.stringify(value)}\n`, status as StatusCode, { 'Content-Type': JSON_TYPE, ...headers })
}

const JSON_TYPE = 'application/json; charset=utf-8'
