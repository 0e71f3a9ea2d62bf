import { createHash } from 'node:crypto'

import type { Clock } from '../../base/ports.ts'
import { jsonAnswer, refused, type Answer } from './answer.ts'

export interface AccessOptions {
  /** `open` lets everybody in. */
  readonly auth: 'open' | 'basic' | 'bearer'
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>
  /** Repositories that anybody may pull; with `bearer` even they need a token. */
  readonly isPublic: (repository: string) => boolean
  /** Who may pull what; default every known user everything. */
  readonly mayPull: (user: string, repository: string) => boolean
  /** Seconds that a token lives. */
  readonly tokenTtl: number
  readonly clock: Pick<Clock, 'now'>
  /** URL of the token endpoint, and the name of the service in it. */
  readonly realm: () => string
  readonly service: () => string
}

/** Who may do what, and the tokens that say so. */
export interface Access {
  /** Nothing when the request may pass, else the refusal. */
  check(repository: string | undefined, authorization: string | undefined): Answer | undefined
  /** `GET /token` and `POST /token`. */
  token(method: string, query: URLSearchParams, form: URLSearchParams, authorization: string | undefined): Answer
}

interface Grant {
  readonly user: string | undefined
  readonly repositories: readonly string[]
  /** Milliseconds since the epoch. */
  readonly until: number
}

export function createAccess(options: AccessOptions): Access {
  const grants = new Map<string, Grant>()
  const refreshers = new Map<string, string>()
  let serial = 0

  const secret = (kind: string): string => {
    serial++
    return `${kind}-${createHash('sha256').update(`${kind} ${serial}`).digest('hex')}`
  }
  const knows = (user: string, password: string): boolean =>
    Object.hasOwn(options.users, user) && options.users[user] === password
  const may = (user: string | undefined, repository: string): boolean =>
    options.isPublic(repository) || (user !== undefined && options.mayPull(user, repository))

  const challenge = (repository: string | undefined): Answer => {
    const scope = repository === undefined ? '' : `,scope="repository:${repository}:pull"`
    const value =
      options.auth === 'basic'
        ? 'Basic realm="model registry"'
        : `Bearer realm="${options.realm()}",service="${options.service()}"${scope}`
    return refused(401, 'UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': value })
  }

  const checkBasic = (repository: string | undefined, authorization: string | undefined): Answer | undefined => {
    if (repository !== undefined && options.isPublic(repository)) return undefined
    const login = basicLogin(authorization)
    if (login === undefined || !knows(login.user, login.password)) return challenge(repository)
    if (repository === undefined || may(login.user, repository)) return undefined
    return refused(403, 'DENIED', 'requested access to the resource is denied')
  }

  const checkBearer = (repository: string | undefined, authorization: string | undefined): Answer | undefined => {
    const grant = grants.get(/^bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '')
    if (grant === undefined || grant.until <= options.clock.now()) return challenge(repository)
    if (repository === undefined || grant.repositories.includes(repository)) return undefined
    return refused(403, 'DENIED', 'requested access to the resource is denied')
  }

  const issue = (user: string | undefined, scopes: readonly string[], offline: boolean): Answer => {
    // Of what was asked for, only what is allowed is granted: a smaller scope is no error (distribution token spec).
    const asked = scopes.flatMap((scope) => /^repository:(.+):[^:]*pull[^:]*$/.exec(scope)?.[1] ?? [])
    const token = secret('token')
    const until = options.clock.now() + options.tokenTtl * 1000
    grants.set(token, { user, repositories: asked.filter((repository) => may(user, repository)), until })
    const refresh = offline && user !== undefined ? secret('refresh') : undefined
    if (refresh !== undefined && user !== undefined) refreshers.set(refresh, user)
    return jsonAnswer({
      token,
      access_token: token,
      expires_in: options.tokenTtl,
      issued_at: new Date(options.clock.now()).toISOString(),
      refresh_token: refresh,
    })
  }

  return {
    check: (repository, authorization) => {
      if (options.auth === 'open') return undefined
      return options.auth === 'basic' ? checkBasic(repository, authorization) : checkBearer(repository, authorization)
    },
    token: (method, query, form, authorization) => {
      const wrong = refused(401, 'UNAUTHORIZED', 'authentication required')
      if (method === 'POST') {
        const scopes = (form.get('scope') ?? '').split(' ')
        const offline = form.get('access_type') === 'offline'
        if (form.get('grant_type') === 'refresh_token') {
          const user = refreshers.get(form.get('refresh_token') ?? '')
          return user === undefined ? wrong : issue(user, scopes, false)
        }
        const user = form.get('username') ?? ''
        return knows(user, form.get('password') ?? '') ? issue(user, scopes, offline) : wrong
      }
      const login = basicLogin(authorization)
      if (login !== undefined && !knows(login.user, login.password)) return wrong
      return issue(login?.user, query.getAll('scope'), query.get('offline_token') === 'true')
    },
  }
}

function basicLogin(authorization: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^basic (.+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
