import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Secret } from '../../../lib/base/secret.ts'
import type { ControlPlaneConfig } from '../../../lib/workspace/control-plane/config.ts'
import { adminHeaders, provisionHeaders } from '../../../lib/workspace/control-plane/headers.ts'
import { controlPlaneConfig } from '../../../lib/workspace/control-plane/config.ts'

const config = (shared: string, tenant: string, admin: string): ControlPlaneConfig => ({
  orgId: 'o',
  baseUrl: 'https://a',
  sharedSecret: new Secret(shared),
  adminToken: new Secret(tenant),
  adminApiToken: new Secret(admin),
})

test('TestProvisionAuthHeaders_NoopWhenBothEmpty: what is empty is not sent', () => {
  assert.deepEqual(provisionHeaders(config('', '', 'a')), {})
})

test('TestProvisionAuthHeaders_SetsBothWhenBothProvided: bearer and tenant are sent', () => {
  assert.deepEqual(provisionHeaders(config('s', 't', 'a')), {
    Authorization: 'Bearer s',
    'X-Molecule-Admin-Token': 't',
  })
})

test('TestProvisionAuthHeaders_OnlyAdminTokenWhenSecretEmpty: the tenant alone', () => {
  assert.deepEqual(provisionHeaders(config('', 't', 'a')), { 'X-Molecule-Admin-Token': 't' })
})

test('TestAdminAuthHeaders_UsesCPAdminAPIKeyNotSharedSecret: the admin routes get their own bearer', () => {
  assert.deepEqual(adminHeaders(config('s', 't', 'a')), { Authorization: 'Bearer a', 'X-Molecule-Admin-Token': 't' })
})

test('TestAdminAuthHeaders_FallsBackToSharedSecretWhenAdminKeyUnset: set-ups with one secret work', () => {
  const one = controlPlaneConfig({ MOLECULE_ORG_ID: 'o', MOLECULE_CP_SHARED_SECRET: 's' })
  assert.deepEqual(adminHeaders(one), { Authorization: 'Bearer s' })
})
