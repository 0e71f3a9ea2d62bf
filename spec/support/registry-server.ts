import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { lookup, type LookupAddress } from 'node:dns'
import type { AddressInfo, LookupFunction, Server } from 'node:net'

import { issueCertificate, type Certified } from './certificate.ts'

/** A request as it came. */
export interface Captured {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: string
}

/** What to answer; a function writes to the socket itself. */
export interface Reply {
  status?: number
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}
export type Script = (request: Captured) => Reply | ((response: ServerResponse) => void)

/** A scripted server on loopback that remembers every request. */
export interface ScriptedServer extends AsyncDisposable {
  port: number
  /** `127.0.0.1:port`, or the given name and the port. */
  host: string
  origin: string
  requests: Captured[]
  /** The `Authorization` headers that reached it, in order, empty ones left out. */
  logins(): string[]
}

export interface ServeOptions {
  /** Speaks https with this certificate. */
  tls?: Pick<Certified, 'cert' | 'key'>
  /** Host name in `host` and `origin`. */
  name?: string
}

export async function serve(script: Script, { tls, name = '127.0.0.1' }: ServeOptions = {}): Promise<ScriptedServer> {
  const requests: Captured[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const captured = await capture(request)
    requests.push(captured)
    const reply = script(captured)
    if (typeof reply === 'function') return reply(response)
    response.writeHead(reply.status ?? 200, reply.headers)
    response.end(captured.method === 'HEAD' ? undefined : reply.body)
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => void answer(request, response)
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  server.on('connection', (socket) => socket.on('error', () => {}))
  await listen(server)
  const { port } = server.address() as AddressInfo
  const host = `${name}:${port}`
  return {
    port,
    host,
    origin: `${tls === undefined ? 'http' : 'https'}://${host}`,
    requests,
    logins: () => requests.flatMap(({ headers }) => headers.authorization ?? []),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }
}

/** A CA of its own, and a certificate by it for loopback and for the made-up hosts of the specs. */
export const AUTHORITY: Certified = issueCertificate({ name: 'dockline spec CA' })
export const TEST_HOSTS: readonly string[] = [
  '127.0.0.1',
  'localhost',
  'registry.test',
  'auth.test',
  'cdn.test',
  'evil.test',
]
export const SERVER: Certified = issueCertificate({ name: 'spec server', hosts: TEST_HOSTS, issuer: AUTHORITY })

/** Finds the made-up hosts on loopback; `changes` gives the addresses of a name, one answer after the other. */
export function testLookup(changes: Readonly<Record<string, string[]>> = {}): LookupFunction {
  return (hostname, options, callback) => {
    const next = changes[hostname]
    const address = next === undefined ? '127.0.0.1' : ((next.length > 1 ? next.shift() : next[0]) ?? '')
    if (next === undefined && !hostname.endsWith('.test')) {
      lookup(hostname, options, callback)
      return
    }
    const found: LookupAddress = { address, family: address.includes(':') ? 6 : 4 }
    if (options.all === true) callback(null, [found])
    else callback(null, found.address, found.family)
  }
}

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json'

/** A small manifest, its bytes and digest. */
export function manifest(label = 'one'): { type: string; body: string; digest: string } {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', size: 2, digest: sha256('{}') }
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config,
    layers: [],
    annotations: { label },
  })
  return { type: MANIFEST_TYPE, body, digest: sha256(body) }
}

/** An index over platforms `os/arch[/variant]`, each with a digest made of its name. */
export function index(...platforms: string[]): { type: string; body: string; digest: string } {
  const manifests = platforms.map((name) => {
    const [os, architecture, variant] = name.split('/')
    return { mediaType: MANIFEST_TYPE, size: 1, digest: sha256(name), platform: { os, architecture, variant } }
  })
  const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests })
  return { type: INDEX_TYPE, body, digest: sha256(body) }
}

export function sha256(bytes: string | Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export interface RegistryScript {
  /** Default `{ 'acme/app:latest': manifest() }`: by repository and tag; a digest works as a tag too. */
  images?: Readonly<Record<string, { type: string; body: string; digest?: string }>>
  /** The `WWW-Authenticate` of a 401, given the server's origin; `undefined` is an open registry. */
  challenge?: (origin: string) => string | string[]
  /** The token server under `/token`. */
  token?: Script
  /** True for an `Authorization` that opens the repositories; default any token of the token server, or u:p. */
  admits?: (authorization: string | undefined) => boolean
  /** Answers before everything else. */
  first?: (request: Captured) => ReturnType<Script> | undefined
}

/** A registry in a few lines: ping, token, manifests by tag and digest. The origin is known only once it listens. */
export async function serveRegistry(script: RegistryScript = {}, options: ServeOptions = {}): Promise<ScriptedServer> {
  const images = script.images ?? { 'acme/app:latest': manifest() }
  const admits = script.admits ?? ((given) => given?.startsWith('Bearer token-') === true || given === BASIC_U_P)
  let tokens = 0
  const server: ScriptedServer = await serve((request) => {
    const early = script.first?.(request)
    if (early !== undefined) return early
    if (request.path === '/token')
      return script.token?.(request) ?? { body: JSON.stringify({ token: `token-${++tokens}` }) }
    const { authorization } = request.headers
    if (script.challenge !== undefined && !admits(authorization))
      return { status: 401, headers: { 'www-authenticate': script.challenge(server.origin) }, body: '{}' }
    if (request.path === '/v2/') return { body: '{}' }
    return manifestReply(images, request.path)
  }, options)
  return server
}

/** user u, password p */
export const BASIC_U_P = 'Basic dTpw'

/** The usual challenge: a token server on the registry itself. */
export function bearer(origin: string): string {
  return `Bearer realm="${origin}/token",service="spec registry"`
}

function manifestReply(images: NonNullable<RegistryScript['images']>, path: string): Reply {
  const [, repository = '', tag = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path) ?? []
  const named = images[`${repository}:${tag}`]
  const found = named ?? Object.values(images).find(({ body }) => sha256(body) === tag)
  if (found === undefined)
    return { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}' }
  const digest = found.digest === undefined ? {} : { 'docker-content-digest': found.digest }
  const length = String(Buffer.byteLength(found.body))
  return { headers: { 'content-type': found.type, 'content-length': length, ...digest }, body: found.body }
}

async function capture(request: IncomingMessage): Promise<Captured> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const url = new URL(request.url ?? '/', 'http://localhost')
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve())
  })
}
