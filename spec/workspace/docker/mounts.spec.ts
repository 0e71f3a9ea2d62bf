import assert from 'node:assert/strict'
import { test } from 'node:test'

import { sessionPath, workspaceMount } from '../../../lib/workspace/docker/mounts.ts'
import type { Access } from '../../../lib/workspace/access.ts'

const VOLUME = { Type: 'volume', Source: 'data', Target: '/workspace' }
const BIND = { Type: 'bind', Source: '/srv/a:b', Target: '/workspace' }

test('TestBuildWorkspaceMount_SelectionMatrix: a directory of the host that may be seen, else the volume', () => {
  const rows: readonly [path: string, access: Access, mount: object][] = [
    ['', '', VOLUME],
    ['', 'none', VOLUME],
    ['/srv/a:b', 'none', VOLUME],
    ['/srv/a:b', 'read_only', { ...BIND, ReadOnly: true }],
    ['/srv/a:b', 'read_write', BIND],
    ['/srv/a:b', '', BIND],
    ['', 'read_only', VOLUME],
  ]
  for (const [workspacePath, workspaceAccess, mount] of rows)
    assert.deepEqual(
      workspaceMount({ workspacePath, workspaceAccess }, 'data'),
      mount,
      `${workspacePath} ${workspaceAccess}`,
    )
})

test('claude-code alone keeps sessions', () => {
  assert.equal(sessionPath('claude-code'), '/root/.claude/sessions')
  for (const runtime of ['langgraph', '', undefined, '__proto__', 'toString'])
    assert.equal(sessionPath(runtime), undefined)
})
