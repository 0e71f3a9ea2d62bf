import { posix } from 'node:path'

import { compareVersions } from '../../wire/version.ts'
import { bodyObject, isTrue, type Call } from './call.ts'
import { Refusal } from './refusal.ts'
import { json, text, type Reply } from './reply.ts'
import { findRoute, hasPath } from './routes.ts'
import { settle } from './settle.ts'
import type { World } from './world.ts'

/** A request as it came: the path with version prefix and query. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly signal: AbortSignal
}

/** Answers one request. */
export async function dispatch(world: World, request: RawRequest): Promise<Reply> {
  const reply = await answer(world, request)
  return { ...reply, headers: { ...common(world), ...reply.headers } }
}

// Every answer names the engine's version, a refusal of the version too (moby server/middleware/version.go).
function common({ profile }: World): Record<string, string> {
  if (profile.family === 'podman')
    return {
      'Api-Version': profile.api,
      'Libpod-Api-Version': profile.version,
      Server: `Libpod/${profile.version} (linux)`,
    }
  return {
    'Api-Version': profile.api,
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    Server: `Docker/${profile.version} (linux)`,
  }
}

async function answer(world: World, request: RawRequest): Promise<Reply> {
  const mark = request.path.indexOf('?')
  const rawPath = mark < 0 ? request.path : request.path.slice(0, mark)
  const whole = decode(rawPath)
  const clean = cleaned(world, whole)
  if (clean !== whole) return { status: 301, headers: { Location: clean } }
  const [, version = world.profile.api, path = ''] = /^(?:\/v(\d+\.\d+))?(\/.*)$/.exec(whole) ?? []
  settle(world)
  try {
    const refused = versionRefusal(world, version)
    if (refused !== undefined) return refused
    const found = findRoute(request.method, path)
    if (found === undefined) return notFound(world, path)
    const query = new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1))
    const reply = await found.handler(world, callOf(world, request, { path, version, query }), found.name)
    if (request.method !== 'GET' || reply.body === undefined) await world.boundPorts?.sync()
    return reply
  } catch (error) {
    if (error instanceof Refusal) return refusalReply(world, error)
    throw error
  }
}

function callOf(world: World, request: RawRequest, parts: Pick<Call, 'path' | 'version' | 'query'>): Call {
  const { method, headers, body, signal } = request
  return {
    method,
    headers,
    body,
    signal,
    ...parts,
    object: () => bodyObject(world, headers, body),
    flag: (name) => isTrue(parts.query.get(name)),
  }
}

// Go's router sends a path with dot segments or double slashes to its clean form; podman's leaves slashes alone.
function cleaned({ profile }: World, path: string): string {
  return profile.family === 'podman' && !/\/\.{1,2}(?:\/|$)/.test(path) ? path : posix.normalize(path)
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function versionRefusal({ profile }: World, version: string): Reply | undefined {
  if (profile.family === 'podman') return undefined
  const said =
    compareVersions(version, profile.api) > 0
      ? `client version ${version} is too new. Maximum supported API version is ${profile.api}`
      : compareVersions(version, profile.minApi) < 0
        ? `client version ${version} is too old. Minimum supported API version is ${profile.minApi}, please upgrade your client to a newer version`
        : undefined
  if (said === undefined) return undefined
  // Below API 1.24 errors are plain text.
  return compareVersions(version, '1.24') < 0 ? text(`${said}\n`, 400) : json({ message: said }, 400)
}

function notFound(world: World, path: string): Reply {
  if (world.profile.family === 'podman')
    return hasPath(path) ? text('Method Not Allowed\n', 405) : text('Not Found\n', 404)
  return json({ message: 'page not found' }, 404)
}

function refusalReply({ profile }: World, { status, message }: Refusal): Reply {
  if (profile.family !== 'podman') return json({ message }, status)
  if (message.endsWith('\n')) return text(message, status)
  return json({ cause: message.split(': ').at(-1) ?? message, message, response: status }, status)
}
