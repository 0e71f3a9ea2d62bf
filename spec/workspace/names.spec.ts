import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  checkWorkspaceId,
  internalUrl,
  isLikelyWorkspaceId,
  keyOfContainer,
  keyOfVolume,
  legacyNames,
  workspaceNames,
} from '../../lib/workspace/names.ts'

const ID = 'abcdef01-2345-6789-abcd-ef0123456789'

test('TestContainerName: the older name is ws- and the first twelve characters, the one given now has the whole id', () => {
  assert.equal(legacyNames(ID).container, 'ws-abcdef01-234')
  assert.equal(workspaceNames(ID).container, `ws-${ID}`)
  assert.equal(legacyNames('short').container, 'ws-short', 'shorter ids are used whole')
  assert.equal(internalUrl(legacyNames(ID).container), 'http://ws-abcdef01-234:8000')
})

test('TestConfigVolumeName: the config volume is called like the container, with -configs', () => {
  assert.equal(legacyNames(ID).configs, 'ws-abcdef01-234-configs')
  assert.equal(workspaceNames(ID).configs, `ws-${ID}-configs`)
})

test('TestClaudeSessionVolumeName_Deterministic: the session volume is called like the container, each time', () => {
  assert.equal(legacyNames(ID).sessions, 'ws-abcdef01-234-claude-sessions')
  assert.deepEqual(workspaceNames(ID), workspaceNames(ID))
})

test('TestClaudeSessionVolumeName_DistinctFromConfig: no two volumes of a workspace have one name', () => {
  for (const { configs, sessions, data, container } of [workspaceNames(ID), legacyNames(ID)])
    assert.equal(new Set([configs, sessions, data, container]).size, 4)
})

test('the data volume has the whole id, as it always had', () => {
  assert.equal(legacyNames(ID).data, `ws-${ID}-workspace`)
  assert.equal(workspaceNames(ID).data, `ws-${ID}-workspace`)
})

test('two workspaces that begin alike share the older names and no other', () => {
  const other = `${ID.slice(0, 12)}0-0000-0000-000000000000`
  assert.equal(legacyNames(ID).container, legacyNames(other).container)
  assert.notEqual(workspaceNames(ID).container, workspaceNames(other).container)
})

for (const [id, why] of [
  ['', 'empty'],
  ['../x', 'a way upwards'],
  ['a/b', 'a slash'],
  ['a b', 'a space'],
  ['-a', 'a dash in front'],
  ['a?instance_id=x', 'a query'],
  ['a'.repeat(61), 'too long for a DNS label'],
] as const)
  test(`an id with ${why} is refused before anything is sent`, () => {
    assert.throws(() => checkWorkspaceId(id), { code: 'NAME_INVALID' })
  })

const LIKELY: readonly [text: string, likely: boolean][] = [
  ['abcdef01-234', true],
  ['ABCDEF01-234', true],
  ['0123456789ab', true],
  [ID, true],
  ['', false],
  ['%', false],
  ['abc_def', false],
  ['abc%def', false],
  ['ghijkl', false],
  ["abc' OR 1=1", false],
]
test('TestIsLikelyWorkspaceID: hex digits and dashes alone may be in a question to the database', () => {
  for (const [text, likely] of LIKELY) assert.equal(isLikelyWorkspaceId(text), likely, text)
})

test('the key of a container or volume is what its name has of the id', () => {
  assert.equal(keyOfContainer('ws-abc'), 'abc')
  assert.equal(keyOfContainer('news-abc'), undefined)
  assert.equal(keyOfContainer('ws-'), undefined)
  assert.equal(keyOfVolume('ws-abc-configs'), 'abc')
  assert.equal(keyOfVolume('ws-abc-claude-sessions'), 'abc')
  assert.equal(keyOfVolume(`ws-${ID}-workspace`), undefined, 'data is never swept')
})
