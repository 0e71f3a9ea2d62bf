import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import type { Clock } from '../../base/ports.ts'
import { systemClock } from '../../base/system.ts'
import { createAccess, type Access, type AccessOptions } from './access.ts'
import { refused, type Answer } from './answer.ts'
import { readRegistry, repositoryIn } from './distribution.ts'
import type { ImageSpec, IndexSpec } from './image.ts'
import { createStore, type Store } from './store.ts'
import { makeTrouble, type RegistryRequest, type Trouble } from './trouble.ts'

export interface ModelRegistryOptions {
  /** Default `open`. */
  readonly auth?: AccessOptions['auth'] | undefined
  /** Passwords by user name; default `ci` with `s3cret`. */
  readonly users?: Readonly<Record<string, string>> | undefined
  /** Repositories that anybody may pull; default none. */
  readonly isPublic?: AccessOptions['isPublic'] | undefined
  /** Who may pull what; default every known user everything. */
  readonly mayPull?: AccessOptions['mayPull'] | undefined
  /** Seconds that a token lives; default 300. */
  readonly tokenTtl?: number | undefined
  /** Where tokens are had; default its own `/token`. */
  readonly realm?: string | undefined
  /** Speaks TLS with this key and certificate, both PEM. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined
  /** Manifests that may be read before it answers 429, and what it says in `Retry-After`. */
  readonly limit?: { readonly pulls: number; readonly retryAfter: string } | undefined
  /** Port on loopback; default a free one. */
  readonly port?: number | undefined
  /** Decides, for each request, what goes wrong. */
  readonly trouble?: ((request: RegistryRequest) => Trouble | undefined) | undefined
  /** Default the machine's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

export interface RegistryCall extends RegistryRequest {
  readonly headers: IncomingMessage['headers']
  /** Absent while it is worked on, and for trouble without an answer. */
  status: number | undefined
}

/** A registry in memory, on a loopback port. */
export interface ModelRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`: engines take such a registry for one without TLS. */
  readonly host: string
  readonly url: string
  readonly calls: readonly RegistryCall[]
  /** Decides over what goes wrong; may be changed at any time. */
  trouble: ModelRegistryOptions['trouble']
  /** Points a tag at an image and gives its digest; with several images the answer changes at every request. */
  publish(repository: string, tag: string, ...images: readonly (ImageSpec | IndexSpec)[]): string
  /** Forgets a tag. */
  untag(repository: string, tag: string): void
  /** Loses a blob or a manifest. */
  lose(digest: string): void
  close(): Promise<void>
}

/** Starts a registry: the reading half of the Distribution API, with a token endpoint. */
export async function modelRegistry(options: ModelRegistryOptions = {}): Promise<ModelRegistry> {
  const store = createStore()
  const calls: RegistryCall[] = []
  const access = createAccess({
    auth: options.auth ?? 'open',
    users: options.users ?? { ci: 's3cret' },
    isPublic: options.isPublic ?? (() => false),
    mayPull: options.mayPull ?? (() => true),
    tokenTtl: options.tokenTtl ?? 300,
    clock: options.clock ?? systemClock,
    realm: () => options.realm ?? `${registry.url}/token`,
    service: () => registry.host,
  })
  let pulls = 0
  const limited = (path: string, method: string): Answer | undefined => {
    if (options.limit === undefined || method !== 'GET' || !path.includes('/manifests/')) return undefined
    if (++pulls <= options.limit.pulls) return undefined
    return refused(429, 'TOOMANYREQUESTS', 'you have reached your pull rate limit', {
      'Retry-After': options.limit.retryAfter,
    })
  }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = log(calls, request)
    const right = await answer(request, { store, access, limited })
    const trouble = registry.trouble?.(call)
    const given = trouble === undefined ? right : makeTrouble(trouble, right, response)
    if (given !== undefined) send(response, request, given, call)
  }
  const serve: RequestListener = (request, response) => {
    respond(request, response).catch(() => response.destroy())
  }
  const server: Server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve)
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  }
  const registry: ModelRegistry = {
    host,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}`,
    calls,
    trouble: options.trouble,
    publish: (repository, tag, ...images) => store.publish(repository, tag, images),
    untag: (repository, tag) => store.untag(repository, tag),
    lose: (digest) => store.lose(digest),
    close,
    [Symbol.asyncDispose]: close,
  }
  return registry
}

interface Parts {
  readonly store: Store
  readonly access: Access
  readonly limited: (path: string, method: string) => Answer | undefined
}

async function answer(request: IncomingMessage, { store, access, limited }: Parts): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = request
  const [path = '', search = ''] = decodeURI(url).split('?')
  const query = new URLSearchParams(search)
  if (path === '/token') {
    const form = new URLSearchParams(await readText(request))
    return access.token(method, query, form, headers.authorization)
  }
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'UNSUPPORTED', 'this registry is read only')
  const denied = access.check(repositoryIn(path), headers.authorization) ?? limited(path, method)
  return denied ?? readRegistry(store, path, query, headers.accept ?? '')
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}

function log(calls: RegistryCall[], { method = 'GET', url = '/', headers }: IncomingMessage): RegistryCall {
  const call = {
    n: calls.length + 1,
    method,
    path: url,
    authorization: headers.authorization,
    headers,
    status: undefined,
  }
  calls.push(call)
  return call
}

function send(
  response: ServerResponse,
  { method }: IncomingMessage,
  { status, headers, body }: Answer,
  call: RegistryCall,
): void {
  call.status = status
  response.statusCode = status
  response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
  response.setHeader('Content-Length', body.length)
  response.end(method === 'HEAD' ? undefined : body)
}
