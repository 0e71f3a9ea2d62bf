// What the tests of the replaced system's AdminAuth pin, held here: its 27 are told apart by what they promise.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Env } from '../../lib/base/ports.ts'
import { Secret } from '../../lib/base/secret.ts'
import type { AuditEntry } from '../../lib/server/audit.ts'
import { readServeConfig } from '../../lib/server/config.ts'
import { REFRESH, TOKEN, serviceWorld } from '../support/service.ts'

const ROUTES = [
  ['POST', REFRESH],
  ['GET', '/admin/jobs'],
  ['GET', '/metrics'],
] as const
const ORIGIN = 'https://canvas.example'

/** Statuses of all routes that want a token. */
async function statuses(headers: Readonly<Record<string, string | undefined>>): Promise<number[]> {
  const { ask } = serviceWorld()
  return Promise.all(ROUTES.map(async ([method, path]) => (await ask(method, path, headers)).status))
}

test('TestAdminAuth_NoTokensNoAdminToken: a fresh install is not open, it does not start', async () => {
  for (const env of [{}, { ADMIN_TOKEN: '' }, { ADMIN_TOKEN: 'short' }] as Env[])
    await assert.rejects(readServeConfig({}, env, { readText: async () => undefined }), { code: 'CONFIG_INVALID' })
})

test('TestAdminAuth_AdminTokenSetFreshInstall: with ADMIN_TOKEN set nobody else is let in', async () => {
  assert.deepEqual(await statuses({ authorization: undefined }), [401, 401, 401])
  assert.deepEqual(await statuses({ authorization: `Bearer ${TOKEN}` }), [200, 200, 200])
})

test('TestAdminAuth_NoBearerAndInvalidBearer: 401, whichever is wrong', async () => {
  for (const authorization of [undefined, '', 'Bearer ', 'Bearer nope', `Basic ${btoa(`u:${TOKEN}`)}`])
    assert.deepEqual(await statuses({ authorization }), [401, 401, 401])
})

test('TestAdminAuth_DevHatch: no variable opens the service, in development or elsewhere', async () => {
  for (const MOLECULE_ENV of ['development', 'dev', ' Development ', 'production'])
    await assert.rejects(readServeConfig({}, { MOLECULE_ENV }, { readText: async () => undefined }), {
      code: 'CONFIG_INVALID',
    })
})

test('TestAdminAuth_WorkspaceTokenRejected: the token of a workspace, removed or not, is a wrong one on every route', async () => {
  const token = Buffer.alloc(32, 7).toString('base64url')
  assert.deepEqual(await statuses({ authorization: `Bearer ${token}` }), [401, 401, 401])
})

test('TestAdminAuth_ValidOrgTokenSetsOrgID: who asked is known by the name of the token, and on record', async () => {
  const entries: AuditEntry[] = []
  const { ask } = serviceWorld({
    tokens: [
      { name: 'ci', secret: new Secret(TOKEN) },
      { name: 'org-1', secret: new Secret('token-of-the-organisation') },
    ],
    audit: async (entry) => void entries.push(entry),
  })
  assert.equal((await ask('POST', REFRESH, { authorization: 'Bearer token-of-the-organisation' })).status, 200)
  assert.deepEqual([...new Set(entries.map(({ by }) => by))], ['org-1'])
})

test('TestAdminAuth_ForgedOrigin: an Origin or a Referer lets nobody in', async () => {
  for (const headers of [{ origin: 'http://127.0.0.1' }, { origin: ORIGIN }, { referer: `${ORIGIN}/` }]) {
    const seen = await statuses({ authorization: undefined, ...headers })
    assert.ok(
      seen.every((status) => status === 401 || status === 403),
      seen.join(' '),
    )
  }
})

test('TestAdminAuth_DatabaseDown: what is away is 503 for those who are let in, and told to nobody else', async () => {
  const { ask, world } = serviceWorld()
  world.away = true
  assert.equal((await ask('POST', REFRESH)).status, 503)
  assert.equal((await ask('POST', REFRESH, { authorization: undefined })).status, 401)
})
