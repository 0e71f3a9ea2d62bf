import assert from 'node:assert/strict'
import { test } from 'node:test'

import { profileOf } from '../../../lib/testing/model/index.ts'

const told = (Version: string, name = 'Engine', containerdStore = false) => ({
  Version,
  Components: [{ Name: name }],
  containerdStore,
})

test('an engine is modelled by the profile of its release, and by none where it has none', () => {
  const podman = (version: string): string | undefined => profileOf(told(version, 'Podman Engine'))
  assert.deepEqual(['3.4.4', '4.3.1', '5.4.2', '5.8.6', '6.1.1', '7.0.0'].map(podman), [
    undefined,
    'podman-4',
    'podman',
    'podman',
    'podman-6',
    undefined,
  ])
  const docker = (version: string): string | undefined => profileOf(told(version))
  assert.deepEqual(['19.03.1', '20.10.24', '26.1.5', '28.5.2', '29.7.2', '30.0.0'].map(docker), [
    undefined,
    '20.10',
    '26',
    '28',
    '29',
    undefined,
  ])
  assert.equal(profileOf(told('28.5.2', 'Engine', true)), '28-containerd')
  assert.equal(profileOf(told('29.10.0', 'Engine', true)), '29-containerd')
})
