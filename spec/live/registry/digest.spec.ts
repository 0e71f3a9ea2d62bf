// Debian's docker-registry in three forms, and skopeo as the oracle.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../../lib/base/reference.ts'
import type { RegistryAuth } from '../../../lib/base/registry-auth.ts'
import { systemFiles } from '../../../lib/base/system.ts'
import { createRegistryClient, type RegistryClient } from '../../../lib/registry/client.ts'
import { createCredentials } from '../../../lib/registry/credentials/resolve.ts'
import { outcome } from '../../support/registry-client.ts'
import { AUTHORITY } from '../../support/registry-server.ts'
import { startRegistry, type LiveRegistry, type RegistryForm } from '../support/registry.ts'
import { pushIndex } from '../support/push.ts'
import { skopeoDigest, skopeoPlatformDigest } from '../support/skopeo.ts'
import { LOGIN, REFRESH_TOKEN } from '../support/token-server.ts'

const PLATFORMS = ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v7']
const NOWHERE = { HOME: '/nowhere', DOCKER_CONFIG: '/nowhere' }

const clientOf = (registry: LiveRegistry, auth: RegistryAuth | undefined, trust = true): RegistryClient =>
  createRegistryClient({
    credentials: createCredentials({
      env: NOWHERE,
      files: systemFiles,
      explicit: auth === undefined ? {} : { [registry.host]: auth },
    }),
    ...(trust ? { ca: AUTHORITY.cert } : {}),
    realms: registry.tokens === undefined ? {} : { [registry.host]: [registry.tokens.host] },
  })

for (const form of ['open', 'password', 'token'] as const satisfies RegistryForm[]) {
  test(`a registry of the form "${form}" tells the digests that skopeo sees, of the index and of each platform`, async () => {
    await using registry = await startRegistry(form)
    const pushed = await pushIndex(registry, 'acme/app', 'latest', ...PLATFORMS)
    await using client = clientOf(registry, form === 'open' ? undefined : LOGIN)
    const ref = parseReference(`${registry.host}/acme/app`)
    for (const platform of PLATFORMS) {
      const found = await client.digest(ref, { platform })
      assert.equal(found.digest, pushed.digest)
      assert.equal(found.digest, await skopeoDigest(registry, 'acme/app:latest'))
      assert.equal(found.platformDigest, await skopeoPlatformDigest(registry, 'acme/app:latest', platform))
    }
  })

  test(`a registry of the form "${form}" shows that a tag moved, and one that is not there`, async () => {
    await using registry = await startRegistry(form)
    const before = await pushIndex(registry, 'acme/app', 'latest', 'linux/amd64')
    await using client = clientOf(registry, form === 'open' ? undefined : LOGIN)
    const ref = parseReference(`${registry.host}/acme/app`)
    assert.equal((await client.digest(ref)).digest, before.digest)
    const after = await pushIndex(registry, 'acme/app', 'latest', 'linux/amd64', 'linux/arm64')
    assert.notEqual(after.digest, before.digest)
    assert.equal((await client.digest(ref)).digest, after.digest)
    const pinned = parseReference(`${registry.host}/acme/app@${before.digest}`)
    assert.equal((await client.digest(pinned)).digest, before.digest)
    assert.equal(await outcome(client.digest(parseReference(`${registry.host}/acme/app:gone`))), 'NOT_FOUND')
    assert.equal(await outcome(client.digest(ref, { platform: 'linux/s390x' })), 'NO_PLATFORM')
  })
}

for (const form of ['password', 'token'] as const) {
  test(`a registry of the form "${form}" tells a wrong login from a missing one`, async () => {
    await using registry = await startRegistry(form)
    await pushIndex(registry, 'acme/app', 'latest', 'linux/amd64')
    const ref = parseReference(`${registry.host}/acme/app`)
    await using wrong = clientOf(registry, { username: LOGIN.username, password: 'wrong' })
    await using none = clientOf(registry, undefined)
    assert.equal(await outcome(wrong.digest(ref)), 'CREDENTIALS_REJECTED')
    assert.equal(await outcome(none.digest(ref)), 'CREDENTIALS_MISSING')
  })
}

test('what is public needs a token and no login, and the login stays at home', async () => {
  await using registry = await startRegistry('token')
  const pushed = await pushIndex(registry, 'public/app', 'latest', 'linux/amd64')
  await using client = clientOf(registry, undefined)
  assert.equal(await outcome(client.digest(parseReference(`${registry.host}/public/app`))), pushed.digest)
})

test('an identity token is exchanged for a token that the registry takes', async () => {
  await using registry = await startRegistry('token')
  const pushed = await pushIndex(registry, 'acme/app', 'latest', 'linux/amd64')
  await using client = clientOf(registry, { identitytoken: REFRESH_TOKEN })
  assert.equal(await outcome(client.digest(parseReference(`${registry.host}/acme/app`))), pushed.digest)
  assert.equal(registry.tokens?.requests.at(-1)?.method, 'POST')
})

test('a CA that is not trusted ends the talk before a login is sent', async () => {
  await using registry = await startRegistry('token')
  await using client = clientOf(registry, LOGIN, false)
  assert.equal(await outcome(client.digest(parseReference(`${registry.host}/acme/app`))), 'TLS')
  assert.deepEqual(registry.tokens?.requests, [])
})

test('a token server at another port gets no login unless it is listed', async () => {
  await using registry = await startRegistry('token')
  const credentials = createCredentials({ env: NOWHERE, files: systemFiles, explicit: { [registry.host]: LOGIN } })
  await using client = createRegistryClient({ credentials, ca: AUTHORITY.cert })
  assert.equal(await outcome(client.digest(parseReference(`${registry.host}/acme/app`))), 'REALM_REFUSED')
  assert.deepEqual(registry.tokens?.requests, [])
})
