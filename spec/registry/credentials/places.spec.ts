import assert from 'node:assert/strict'
import { test } from 'node:test'

import { dockerConfigPath, podmanAuthPaths } from '../../../lib/registry/credentials/places.ts'

test("docker's file is in the directory of DOCKER_CONFIG, else at home", () => {
  assert.equal(dockerConfigPath({ HOME: '/home/u' }), '/home/u/.docker/config.json')
  assert.equal(dockerConfigPath({ HOME: '/home/u', DOCKER_CONFIG: '' }), '/home/u/.docker/config.json')
  assert.equal(dockerConfigPath({ HOME: '/home/u', DOCKER_CONFIG: '/etc/d/' }), '/etc/d/config.json')
})

test("podman's file is the one that is named and no other, else of the session, then of the user", () => {
  const env = { HOME: '/home/u', XDG_RUNTIME_DIR: '/run/user/1' }
  assert.deepEqual(podmanAuthPaths({ ...env, REGISTRY_AUTH_FILE: '/a.json' }), ['/a.json'])
  assert.deepEqual(podmanAuthPaths(env), ['/run/user/1/containers/auth.json', '/home/u/.config/containers/auth.json'])
})
