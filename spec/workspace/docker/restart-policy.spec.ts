import assert from 'node:assert/strict'
import { test } from 'node:test'

import { restartPolicy } from '../../../lib/workspace/docker/restart-policy.ts'

test('the restart policy is what was given, else the environment, else unless-stopped', () => {
  assert.equal(restartPolicy({}), 'unless-stopped')
  assert.equal(restartPolicy({ MOLECULE_WORKSPACE_RESTART_POLICY: ' always ' }), 'always')
  assert.equal(restartPolicy({ MOLECULE_WORKSPACE_RESTART_POLICY: 'always' }, 'no'), 'no')
  assert.throws(() => restartPolicy({ MOLECULE_WORKSPACE_RESTART_POLICY: 'sometimes' }), { code: 'INPUT_INVALID' })
})
