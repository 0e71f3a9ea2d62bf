import assert from 'node:assert/strict'
import { test } from 'node:test'

import { checkAccess, chooseAccess } from '../../lib/workspace/access.ts'

const ROWS: readonly [access: string, path: string, allowed: boolean][] = [
  ['', '', true],
  ['none', '', true],
  ['none', '/p', true],
  ['read_only', '/p', true],
  ['read_write', '/p', true],
  ['read_only', '', false],
  ['read_write', '', false],
  ['admin', '/p', false],
]
test('TestValidateWorkspaceAccess: what reads or writes needs a path, and nothing else is known', () => {
  for (const [access, path, allowed] of ROWS) {
    const check = (): void => checkAccess(access, path)
    if (allowed) assert.doesNotThrow(check, `${access} ${path}`)
    else assert.throws(check, { code: 'INPUT_INVALID' }, `${access} ${path}`)
  }
})

test('a relative path is refused: the engine would make a volume of it', () => {
  assert.throws(() => checkAccess('read_only', 'data'), { code: 'INPUT_INVALID' })
})

test('what was asked for wins over what is on file, and that over the default of the platform', () => {
  const onFile = { path: '/file', access: 'read_only' }
  assert.deepEqual(chooseAccess({ path: '/asked', access: 'read_write' }, onFile, '/default'), {
    path: '/asked',
    access: 'read_write',
  })
  assert.deepEqual(chooseAccess({}, onFile, '/default'), onFile)
  assert.deepEqual(chooseAccess({}, {}, '/default'), { path: '/default', access: 'none' })
  assert.deepEqual(chooseAccess({}, {}, undefined), { path: '', access: 'none' })
})
