import { createHash, sign } from 'node:crypto'

import { LIVE_PASSWORD } from '../../support/canary.ts'
import { issueCertificate } from '../../support/certificate.ts'
import { SERVER, serve, type Captured, type Reply, type ScriptedServer } from '../../support/registry-server.ts'

/** A token server for a registry (distribution docs/spec/auth): Basic by GET, a refresh token by POST. */
export interface TokenService extends AsyncDisposable {
  realm: string
  /** `host:port` of the realm: another one than the registry's. */
  host: string
  issuer: string
  /** Signs the tokens; for the registry's `rootcertbundle`. */
  certificate: string
  requests: Captured[]
}

/** The login of the registries with one. */
export const LOGIN: { readonly username: string; readonly password: string } = {
  username: 'ci',
  password: LIVE_PASSWORD,
}

/** Taken in the place of user and password. */
export const REFRESH_TOKEN = 'refresh-me'

/** Whoever is logged in may do everything; everybody else may pull what is `public/…`. */
export async function serveTokens(service: string): Promise<TokenService> {
  const issuer = 'dockline spec tokens'
  const signer = issueCertificate({ name: issuer, kind: 'rsa' })
  const x5c = [signer.cert.replace(/-----[^-]+-----|\s/g, '')]
  const server: ScriptedServer = await serve(
    (asked): Reply => {
      const form = new URLSearchParams(asked.body)
      const known =
        asked.method === 'POST' ? form.get('refresh_token') === REFRESH_TOKEN : isLogin(asked.headers.authorization)
      if (!known && (asked.method === 'POST' || asked.headers.authorization !== undefined))
        return { status: 401, body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'who are you?' }] }) }
      const scopes = asked.method === 'POST' ? (form.get('scope') ?? '').split(' ') : asked.query.getAll('scope')
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: issuer,
        sub: known ? LOGIN.username : '',
        aud: service,
        iat: now,
        nbf: now - 10,
        exp: now + 300,
        jti: createHash('sha256').update(`${now}${Math.random()}`).digest('hex'),
        access: scopes.filter((scope) => scope !== '').map((scope) => grant(scope, known)),
      }
      const parts = [{ typ: 'JWT', alg: 'RS256', x5c }, claims].map((part) => base64url(JSON.stringify(part))).join('.')
      const token = `${parts}.${base64url(sign('sha256', Buffer.from(parts), signer.privateKey))}`
      return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, expires_in: 300 }) }
    },
    { tls: SERVER },
  )
  return {
    realm: `${server.origin}/token?from=realm`,
    host: server.host,
    issuer,
    certificate: signer.cert,
    requests: server.requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function grant(scope: string, known: boolean): { type: string; name: string; actions: string[] } {
  const [type = '', name = '', actions = ''] = scope.split(':')
  const allowed = known ? actions.split(',') : name.startsWith('public/') ? ['pull'] : []
  return { type, name, actions: allowed }
}

function isLogin(authorization: string | undefined): boolean {
  return authorization === `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`
}

function base64url(data: string | Buffer): string {
  return Buffer.from(data).toString('base64url')
}
