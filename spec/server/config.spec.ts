import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import type { Env } from '../../lib/base/ports.ts'
import { readServeConfig, type ServeConfig, type ServeFlags } from '../../lib/server/config.ts'

const FILES: Readonly<Record<string, string>> = {
  '/run/secrets/admin': 'admin-token-0123456789\n',
  '/run/secrets/ops': ' ops-token-0123456789 ',
  '/run/secrets/hook': 'hook-secret-0123456789',
  '/run/secrets/short': 'short',
  '/run/secrets/empty': '\n',
}
const files = { readText: async (path: string) => FILES[path] }
const TOKEN = { ADMIN_TOKEN: 'admin-token-0123456789' }

const read = (flags: ServeFlags, env: Env): Promise<ServeConfig> => readServeConfig(flags, env, files)

async function mistakes(flags: ServeFlags, env: Env): Promise<readonly string[]> {
  const error: unknown = await read(flags, env).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(hasCode(error, 'CONFIG_INVALID'))
  return error.facts['problems'] as string[]
}

test('a token is all that is needed: loopback, no recovery, 30 s to stop', async () => {
  const config = await read({}, TOKEN)
  assert.deepEqual(config.listen, { kind: 'tcp', host: '127.0.0.1', port: 8787 })
  assert.deepEqual(config.hosts, ['127.0.0.1'])
  assert.deepEqual([config.recover, config.autoRefresh, config.shutdownTimeout], [false, false, 30_000])
  assert.deepEqual(
    config.tokens.map(({ name, secret }) => [name, secret.reveal()]),
    [['admin', 'admin-token-0123456789']],
  )
})

test('flags and environment say the same, and the flag wins', async () => {
  const env = {
    ADMIN_TOKEN_FILE: '/run/secrets/admin',
    DOCKLINE_LISTEN: '0.0.0.0:80',
    DOCKLINE_ALLOW_HOSTS: 'a.example, b.example',
    DOCKLINE_TOKEN_FILES: 'ops=/run/secrets/ops',
    DOCKLINE_HOOK_SECRET_FILES: 'ghcr=/run/secrets/hook',
    DOCKLINE_NOTIFY_URL: 'https://n.example/x',
    DOCKLINE_NOTIFY_SECRET_FILE: '/run/secrets/hook',
    DOCKLINE_AUDIT_FILE: '/var/log/audit',
    DOCKLINE_RECOVER: 'true',
    DOCKLINE_SHUTDOWN_TIMEOUT: '5',
    IMAGE_AUTO_REFRESH: 'TRUE',
  }
  const byEnv = await read({}, env)
  const byFlags = await read(
    {
      listen: '0.0.0.0:80',
      allowHost: ['a.example', 'b.example'],
      tokenFile: ['ops=/run/secrets/ops'],
      hookSecretFile: ['ghcr=/run/secrets/hook'],
      notify: 'https://n.example/x',
      notifySecretFile: '/run/secrets/hook',
      auditFile: '/var/log/audit',
      recover: true,
      shutdownTimeout: '5',
    },
    {
      ADMIN_TOKEN_FILE: '/run/secrets/admin',
      IMAGE_AUTO_REFRESH: 'true',
      DOCKLINE_LISTEN: ':1',
      DOCKLINE_RECOVER: 'false',
    },
  )
  assert.deepEqual(byEnv, byFlags)
  assert.deepEqual(byEnv.hosts, ['a.example', 'b.example'], 'and not 0.0.0.0, which a browser would send')
  assert.deepEqual(
    byEnv.tokens.map(({ name }) => name),
    ['admin', 'ops'],
  )
  assert.deepEqual([byEnv.autoRefresh, byEnv.shutdownTimeout, byEnv.auditFile], [true, 5000, '/var/log/audit'])
})

test('all mistakes are in one message', async () => {
  const env = {
    DOCKLINE_RECOVER: 'yes',
    IMAGE_AUTO_REFRESH: '1',
    MOLECULE_IMAGE_PLATFORM: 'amd64',
    ADMIN_TOKEN: 'short',
    DOCKLINE_SHUTDOWN_TIMEOUT: 'soon',
  }
  const flags = {
    listen: 'nowhere',
    allowHost: ['a.example:80'],
    tokenFile: ['ops', 'x=/nonexistent', 'y=/run/secrets/empty'],
    hookSecretFile: ['quay=/run/secrets/hook', 'ghcr=/run/secrets/short'],
    notify: 'ftp://n.example',
  }
  const found = await mistakes(flags, env)
  for (const about of [
    /--listen "nowhere"/,
    /--allow-host "a.example:80"/,
    /--token-file "ops": write NAME=PATH/,
    /--token-file x: \/nonexistent is not there/,
    /--token-file y: .* is empty/,
    /admin token "admin" has 5 characters/,
    /--hook-secret-file "quay": known are ghcr, dockerhub, distribution/,
    /--hook-secret-file ghcr: at least 16/,
    /--notify: write an http/,
    /--notify needs a secret/,
    /--shutdown-timeout/,
    /MOLECULE_IMAGE_PLATFORM/,
    /DOCKLINE_RECOVER: write true or false/,
    /IMAGE_AUTO_REFRESH: write true or false/,
  ]) {
    assert.equal(found.filter((mistake) => about.test(mistake)).length, 1, String(about))
  }
  assert.equal(found.length, 14, found.join('\n'))
})

test('without a token, or with one in two places, it does not start', async () => {
  assert.match((await mistakes({}, {})).join(), /no admin token: set ADMIN_TOKEN/)
  assert.match((await mistakes({}, { ...TOKEN, ADMIN_TOKEN_FILE: '/run/secrets/ops' })).join(), /not both/)
  assert.deepEqual(await mistakes({}, { ADMIN_TOKEN_FILE: '/nonexistent' }), [
    'ADMIN_TOKEN_FILE: /nonexistent is not there',
  ])
})

test('a URL with a password in it is refused, and not shown', async () => {
  const found = await mistakes(
    { notify: 'https://u:canary@n.example' },
    { ...TOKEN, DOCKLINE_NOTIFY_SECRET: 'x'.repeat(16) },
  )
  assert.equal(found.length, 1)
  assert.ok(!found.join().includes('canary'))
})
