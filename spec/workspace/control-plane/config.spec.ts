import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Env } from '../../../lib/base/ports.ts'
import { controlPlaneConfig } from '../../../lib/workspace/control-plane/config.ts'

const shown = (env: Env): Record<string, string> => {
  const { orgId, baseUrl, sharedSecret, adminToken, adminApiToken } = controlPlaneConfig({
    MOLECULE_ORG_ID: 'o',
    ...env,
  })
  return { orgId, baseUrl, shared: sharedSecret.reveal(), tenant: adminToken.reveal(), admin: adminApiToken.reveal() }
}

test('TestNewCPProvisioner_RequiresOrgID: without an organisation there is no control plane', () => {
  for (const MOLECULE_ORG_ID of [undefined, '', ' '])
    assert.throws(() => controlPlaneConfig({ MOLECULE_ORG_ID }), { code: 'CONFIG_INVALID', message: /MOLECULE_ORG_ID/ })
})

test('TestNewCPProvisioner_FallsBackToProvisionSharedSecret: the older name is used when the newer is empty', () => {
  assert.equal(shown({ PROVISION_SHARED_SECRET: 'old' })['shared'], 'old')
  assert.equal(shown({ MOLECULE_CP_SHARED_SECRET: '', PROVISION_SHARED_SECRET: 'old' })['shared'], 'old')
  assert.equal(shown({ MOLECULE_CP_SHARED_SECRET: 'new', PROVISION_SHARED_SECRET: 'old' })['shared'], 'new')
})

test('TestNewCPProvisioner_ReadsCPAdminAPIToken: the admin routes have a bearer of their own', () => {
  const { shared, admin } = shown({ MOLECULE_CP_SHARED_SECRET: 's', CP_ADMIN_API_TOKEN: 'a' })
  assert.deepEqual([shared, admin], ['s', 'a'])
})

test('TestNewCPProvisioner_CPAdminAPITokenFallsBackToSharedSecret: with one secret alone that is it', () => {
  assert.equal(shown({ MOLECULE_CP_SHARED_SECRET: 's' })['admin'], 's')
  assert.equal(shown({ PROVISION_SHARED_SECRET: 'old' })['admin'], 'old')
})

test('the address is the newer name, the older name, or the default, without a slash at its end', () => {
  assert.equal(shown({})['baseUrl'], 'https://api.moleculesai.app')
  assert.equal(shown({ MOLECULE_CP_URL: 'https://b/' })['baseUrl'], 'https://b')
  assert.equal(shown({ CP_PROVISION_URL: 'https://a', MOLECULE_CP_URL: 'https://b' })['baseUrl'], 'https://a')
})

test('an address that is none, or that holds a login, is refused and not told', () => {
  for (const CP_PROVISION_URL of ['ftp://a', 'not a url', 'https://canary:pw@a', 'https://a?x=canary'])
    assert.throws(
      () => shown({ CP_PROVISION_URL }),
      (error: Error) => !error.message.includes('canary'),
    )
})

test('a config that is printed shows no secret', () => {
  const config = controlPlaneConfig({ MOLECULE_ORG_ID: 'o', ADMIN_TOKEN: 'canary', CP_ADMIN_API_TOKEN: 'canary' })
  assert.doesNotMatch(JSON.stringify(config), /canary/)
})
