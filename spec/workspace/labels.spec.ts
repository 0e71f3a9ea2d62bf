import assert from 'node:assert/strict'
import { test } from 'node:test'

import { platformInstance, workspaceLabels } from '../../lib/workspace/labels.ts'

test('a platform is known by sixteen hex digits of its database, without one it is the default', () => {
  assert.equal(platformInstance({}), 'default')
  assert.equal(platformInstance({ DATABASE_URL: '' }), 'default')
  // printf 'postgres://a' | sha256sum
  assert.match(platformInstance({ DATABASE_URL: 'postgres://a' }), /^[0-9a-f]{16}$/)
  assert.notEqual(
    platformInstance({ DATABASE_URL: 'postgres://a' }),
    platformInstance({ DATABASE_URL: 'postgres://b' }),
  )
})

test('what is made for a workspace says that it is managed, by whom, and for which', () => {
  assert.deepEqual(workspaceLabels('id', 'here'), {
    'molecule.platform.managed': 'true',
    'molecule.platform.instance': 'here',
    'molecule.workspace.id': 'id',
  })
})
