import { ProtocolError, WorkspaceError, isDockerError, messageOf, printable } from '../../base/errors.ts'
import { isObject, parseJson, textAt, type JsonObject } from '../../base/json.ts'
import { redact } from '../../base/redact.ts'
import { noBackend } from '../unconfigured.ts'
import type { ControlPlaneContext } from './context.ts'
import { adminHeaders, provisionHeaders } from './headers.ts'
import type { HttpReply, HttpRequest } from './http.ts'
import { secretsOf } from './secrets-of.ts'

/** Sends one request with the headers of its family. @throws WorkspaceError `NO_BACKEND` without a line */
export async function send(
  { http, config }: ControlPlaneContext,
  what: string,
  request: Omit<HttpRequest, 'headers'> & { readonly headers?: Readonly<Record<string, string>> | undefined },
): Promise<HttpReply> {
  if (http === undefined) throw noBackend()
  const own = request.path.startsWith('/cp/admin/') ? adminHeaders(config) : provisionHeaders(config)
  try {
    return await http.send({ ...request, headers: { ...request.headers, ...own } })
  } catch (cause) {
    const code = isDockerError(cause) ? cause.code : 'CONNECTION_LOST'
    throw new WorkspaceError(code, `cp provisioner: ${what}: ${messageOf(cause)}`, { cause })
  }
}

/** Path of a workspace's route, its parts encoded. */
export function workspacePath(id: string, tail: string = '', query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString()
  return `/cp/workspaces/${encodeURIComponent(id)}${tail}${search === '' ? '' : `?${search}`}`
}

/** The JSON object of an answer. Whatever it is instead, nothing of it gets into the error. @throws ProtocolError */
export function objectOf({ body, status }: HttpReply, what: string): JsonObject {
  try {
    const value = parseJson(body.trim())
    if (isObject(value)) return value
  } catch {
    // not JSON
  }
  throw new ProtocolError('PROTOCOL_VIOLATION', `cp provisioner: ${what}: the answer is no JSON object`, { status })
}

/**
 * The error of an answer that is no success: what its `error` member says without the secrets that were sent, else no
 * more than its size. A body may echo the request, and with it every secret of a workspace.
 */
export function refusal(
  context: ControlPlaneContext,
  what: string,
  reply: HttpReply,
  env: Readonly<Record<string, string>> = {},
): WorkspaceError {
  const words = redact(structuredError(reply.body), secretsOf(context.config, env))
  const said = words === '' ? `<unstructured body, ${reply.size} bytes>` : words
  return new WorkspaceError('PROVISION_FAILED', `cp provisioner: ${what} failed (${reply.status}): ${said}`, {
    status: reply.status,
  })
}

function structuredError(body: string): string {
  try {
    return printable(textAt(parseJson(body.trim()), 'error'), 512)
  } catch {
    return ''
  }
}
