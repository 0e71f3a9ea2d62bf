import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { hasCode, messageOf } from '../../../lib/base/errors.ts'
import { askHelper, forOnePoll, systemHelpers, type HelperRunner } from '../../../lib/registry/credentials/helper.ts'
import { shown } from '../../support/credentials.ts'
import { row } from '../../support/matrix.ts'

const folder = mkdtempSync(join(tmpdir(), 'dockline-helpers-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, GHCR_TOKEN: 'canary-secret', GNUPGHOME: '/gnupg' }

// Real programs: the protocol is pipes and exit codes.
const helper = (suffix: string, script: string, mode = 0o755): string => {
  const path = join(folder, `docker-credential-${suffix}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, mode)
  return suffix
}
const see = async (suffix: string, server = 'ghcr.io', timeout = 10_000): Promise<string> => {
  try {
    return shown(await askHelper(suffix, server, systemHelpers(env, timeout)))
  } catch (error) {
    const shows = /canary/.test(`${messageOf(error)}${JSON.stringify(error)}`) ? ' and shows a secret' : ''
    return hasCode(error, 'CREDENTIAL_HELPER_FAILED') ? `${error.code}${shows}` : messageOf(error)
  }
}
const BAD_SUFFIXES = ['../x', 'a;b', 'a b', '', '-x', 'x'.repeat(65), 'a/b', '$(id)', 'x\n']
const BAD_SERVERS = ['ghcr.io\nevil.example', 'ghcr.io\0', 'ghcr .io', '']
const FAILED = 'CREDENTIAL_HELPER_FAILED'
const JSON_ANSWER = `'{"ServerURL":"ghcr.io","Username":"u","Secret":"s:e c"}'`

row('F51', 'helper that answers', 'u s:e c', () => see(helper('good', `cat >/dev/null; printf %s ${JSON_ANSWER}`)))
row('F51', 'helper missing', FAILED, () => see('missing'))
row('F51', 'helper not executable', FAILED, () => see(helper('noexec', `printf %s ${JSON_ANSWER}`, 0o644)))
row('F51', 'exit 1, not found', 'none', () =>
  see(helper('none', 'echo "credentials not found in native keychain"; exit 1')),
)
row('F51', 'exit 1, another text', FAILED, () => see(helper('other', 'echo canary; echo canary >&2; exit 1')))
row('F51', 'exit 0 with the text for not found', FAILED, () =>
  see(helper('zero', 'echo "credentials not found in native keychain"')),
)
row('F51', 'warning before the JSON', FAILED, () => see(helper('warns', `echo canary; printf %s ${JSON_ANSWER}`)))
row('F51', 'user <token>', 'identity s', () => see(helper('token', `echo '{"Username":"<token>","Secret":"s"}'`)))
row('F51', 'empty secret', FAILED, () => see(helper('empty', `echo '{"Username":"u","Secret":""}'`)))
row('F51', 'secret that is no string', FAILED, () => see(helper('number', `echo '{"Username":"canary","Secret":1}'`)))
row('F51', 'helper that hangs, with a child that holds its pipes', FAILED, () =>
  see(helper('hangs', 'sleep 3 & wait'), 'ghcr.io', 200),
)
row('F51', 'helper that prints without end', FAILED, () => see(helper('endless', 'exec cat /dev/zero')))
for (const suffix of BAD_SUFFIXES)
  row('T7', `helper suffix ${JSON.stringify(suffix.slice(0, 20))}`, FAILED, () => see(suffix))
for (const server of BAD_SERVERS)
  row('T7', `registry ${JSON.stringify(server)} for a helper`, FAILED, () => see('good', server))

test('a helper gets one argument, the server on its standard input, and an environment without our secrets', async () => {
  const seen = join(folder, 'seen')
  helper('spy', `{ echo "$# $1"; cat; echo; env; } > ${seen}; printf %s ${JSON_ANSWER}`)
  assert.equal(await see('spy', 'https://index.docker.io/v1/'), 'u s:e c')
  const text = readFileSync(seen, 'utf8')
  assert.match(text, /^1 get\nhttps:\/\/index\.docker\.io\/v1\/\n/)
  assert.match(text, /^GNUPGHOME=\/gnupg$/m)
  assert.doesNotMatch(text, /canary/)
})

test('a refused suffix or registry starts no program', async () => {
  const started: string[] = []
  const spy: HelperRunner = async (suffix, server) => {
    started.push(`${suffix} ${server}`)
    return { exitCode: 0, stdout: '{"Username":"u","Secret":"s"}' }
  }
  for (const [suffix, server] of [
    ...BAD_SUFFIXES.map((bad) => [bad, 'a.example']),
    ...BAD_SERVERS.map((bad) => ['x', bad]),
  ])
    await assert.rejects(askHelper(suffix ?? '', server ?? '', spy), { code: FAILED })
  assert.deepEqual(started, [])
})

test('a helper is asked once in a poll, and anew in the next', async () => {
  const asked: string[] = []
  let now = 0
  const run: HelperRunner = async (suffix, server) => {
    asked.push(`${suffix} ${server}`)
    return { exitCode: 0, stdout: `{"Username":"u","Secret":"${now}"}` }
  }
  const polled = forOnePoll(run, { monotonic: () => now })
  await Promise.all([askHelper('x', 'a', polled), askHelper('x', 'a', polled), askHelper('x', 'b', polled)])
  assert.deepEqual(asked, ['x a', 'x b'])
  now = 19_999
  assert.equal(shown(await askHelper('x', 'a', polled)), 'u 0')
  now = 20_000
  assert.equal(shown(await askHelper('x', 'a', polled)), 'u 20000')
})

test('a helper gets whatever its author may have needed, and none of our own secrets', async () => {
  const seen = join(folder, 'seen-all')
  helper('all', `env > ${seen}; printf %s ${JSON_ANSWER}`)
  const theirs = { VAULT_ADDR: 'v', OP_SERVICE_ACCOUNT_TOKEN: 'o', AWS_PROFILE: 'a', MY_HELPER_KEY: 'k' }
  const ours = {
    ADMIN_TOKEN: 'canary',
    ADMIN_TOKEN_FILE: 'canary',
    GHCR_USER: 'canary',
    GHCR_TOKEN: 'canary',
    DOCKER_AUTH_CONFIG: 'canary',
    DOCKLINE_NOTIFY_SECRET: 'canary',
    CP_ADMIN_API_TOKEN: 'canary',
    DATABASE_URL: 'canary',
    MOLECULE_CP_SHARED_SECRET: 'canary',
    PROVISION_SHARED_SECRET: 'canary',
    SECRETS_ENCRYPTION_KEY: 'canary',
    TEMPLATE_DISPATCH_TOKEN: 'canary',
  }
  await askHelper('all', 'ghcr.io', systemHelpers({ ...env, ...theirs, ...ours }))
  const text = readFileSync(seen, 'utf8')
  for (const [name, value] of Object.entries(theirs)) assert.match(text, new RegExp(`^${name}=${value}$`, 'm'))
  assert.doesNotMatch(text, /canary/)
})

test('what is said of a broken helper names the way out', async () => {
  for (const suffix of ['missing', 'noexec', 'zero'])
    await assert.rejects(
      askHelper(suffix, 'ghcr.io', systemHelpers(env)),
      /"credsStore" and "credHelpers" in the config/,
    )
})
