// docker-credential-pass (Debian golang-docker-credential-helpers) over a real pass and gpg, where they are installed; CI installs them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { parseReference } from '../../../lib/base/reference.ts'
import { systemFiles } from '../../../lib/base/system.ts'
import { createRegistryClient } from '../../../lib/registry/client.ts'
import { createCredentials, type Credentials } from '../../../lib/registry/credentials/resolve.ts'
import { shown } from '../../support/credentials.ts'
import { startRegistry } from '../support/registry.ts'
import { pushIndex } from '../support/push.ts'
import { LOGIN } from '../support/token-server.ts'

const installed = existsSync('/usr/bin/docker-credential-pass')

if (installed || process.env['CI'] !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'dl-pass-')) // short: gpg's sockets live in it
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GNUPGHOME: folder,
    PASSWORD_STORE_DIR: join(folder, 'store'),
    DOCKER_CONFIG: folder,
  }
  const run = (program: string, options: string[], input = ''): string =>
    execFileSync(program, options, { env, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
  const store = (server: string, username: string, secret: string): string =>
    run('docker-credential-pass', ['store'], JSON.stringify({ ServerURL: server, Username: username, Secret: secret }))
  const chain = (): Credentials => createCredentials({ env, files: systemFiles })

  before(() => {
    writeFileSync(join(folder, 'config.json'), '{"credsStore":"pass"}')
    const user = 'dockline spec <spec@example.invalid>'
    run('gpg', ['--batch', '--passphrase', '', '--quick-generate-key', user, 'default', 'default', 'never'])
    run('pass', ['init', 'spec@example.invalid'])
  })
  after(() => {
    run('gpgconf', ['--kill', 'gpg-agent'])
    rmSync(folder, { recursive: true, force: true })
  })

  test('a login that pass keeps is found, for Docker Hub by its own key', async () => {
    store('a.example:5000', 'u', 's:e c?/')
    store('https://index.docker.io/v1/', 'hub', 'secret')
    const seen = await chain().resolve('a.example:5000')
    assert.equal(shown(seen.auth), 'u s:e c?/')
    assert.equal(seen.source, 'credential helper pass')
    assert.equal(shown((await chain().resolve('docker.io')).auth), 'hub secret')
  })

  test('an identity token that pass keeps is one', async () => {
    store('b.example', '<token>', 'id')
    assert.equal(shown((await chain().resolve('b.example')).auth), 'identity id')
  })

  test('a registry that pass does not know is anonymous', async () => {
    const seen = await chain().resolve('c.example')
    assert.equal(seen.auth, undefined)
    assert.equal(seen.source, 'anonymous (credential helper pass has none)')
  })

  test('a helper that is configured and not installed is an error', async () => {
    writeFileSync(join(folder, 'config.json'), '{"credHelpers":{"d.example":"not-there"},"credsStore":"pass"}')
    await assert.rejects(chain().resolve('d.example'), { code: 'CREDENTIAL_HELPER_FAILED' })
  })

  test('a registry with a password is asked with the login that pass keeps', async () => {
    await using registry = await startRegistry('password')
    const pushed = await pushIndex(registry, 'acme/app', 'latest', 'linux/amd64')
    store(registry.host, LOGIN.username, LOGIN.password)
    await using client = createRegistryClient({ credentials: chain() })
    const found = await client.digest(parseReference(`${registry.host}/acme/app`))
    assert.equal(found.digest, pushed.digest)
    assert.equal(found.source, 'credential helper pass')
  })
}
