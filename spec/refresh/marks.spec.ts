import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  isMark,
  isTemporaryName,
  marksToLabels,
  nextName,
  previousName,
  readMarks,
  specHash,
  type Marks,
} from '../../lib/refresh/marks.ts'
import { ID, json } from '../support/container.ts'

const MARKS: Marks = {
  op: 'op-1',
  replaces: ID,
  name: 'ws-1',
  was: 'running',
  restart: { Name: 'on-failure', MaximumRetryCount: 3 },
  spec: 'ab12',
  holder: 'host:1:2',
  lease: 730,
  member: 1,
}

test('marks are read back from the labels that they were written to', () => {
  for (const was of ['running', 'paused', 'restarting', 'exited', 'created'] as const)
    assert.deepEqual(readMarks({ ...marksToLabels({ ...MARKS, was }), other: 'x' }), { ...MARKS, was })
})

test('the labels are texts under one prefix, and each of them is known for a mark', () => {
  const labels = marksToLabels(MARKS)
  assert.ok(Object.entries(labels).every(([key, value]) => key.startsWith('dockline.') && typeof value === 'string'))
  assert.ok(Object.keys(labels).every(isMark))
  for (const label of ['dockline.mine', 'dockline.', 'xxdockline.op', '12345678.op', 'op', 'dockline.op2'])
    assert.equal(isMark(label), false, label)
})

for (const [label, value] of [
  ['dockline.op', ''],
  ['dockline.replaces', 'short'],
  ['dockline.replaces', ID.toUpperCase()],
  ['dockline.replaces', `${ID}\n`],
  ['dockline.name', ''],
  ['dockline.was', 'dreaming'],
  ['dockline.was', '__proto__'],
  ['dockline.restart', ''],
  ['dockline.restart', 'always'],
  ['dockline.restart', '[]'],
  ['dockline.restart', '{"Name":1}'],
] as const) {
  test(`labels in which ${label} is ${JSON.stringify(value)} are no marks`, () => {
    assert.equal(readMarks({ ...marksToLabels(MARKS), [label]: value }), undefined)
  })
}

test('no labels, and labels that are only inherited, are no marks', () => {
  assert.equal(readMarks({}), undefined)
  assert.equal(readMarks(Object.create(marksToLabels(MARKS)) as Record<string, string>), undefined)
})

test('marks of a version that had no lease and no group are those of an operation whose time is over', () => {
  const { 'dockline.lease': _, 'dockline.member': __, ...labels } = marksToLabels(MARKS)
  assert.deepEqual(readMarks(labels), { ...MARKS, lease: 0, member: 0 })
  assert.equal(readMarks({ ...labels, 'dockline.lease': 'soon' })?.lease, 0)
})

test('a temporary name is known again, and nothing else passes for one', () => {
  assert.ok(isTemporaryName(nextName('ws-1')) && isTemporaryName(previousName('ws-1')))
  for (const name of ['ws-1', 'ws-1.dockline', 'ws-1.dockline-next-2', 'dockline-next', 'ws-1.dockline-NEXT'])
    assert.equal(isTemporaryName(name), false, name)
})

test('the hash of a body does not depend on the order of its members, but on every value', () => {
  const hash = specHash(json('{"a":1,"b":[1,2],"m":9007199254740993}'))
  assert.equal(specHash(json('{"m":9007199254740993,"b":[1,2],"a":1}')), hash)
  for (const other of ['{"a":1,"b":[2,1],"m":9007199254740993}', '{"a":1,"b":[1,2],"m":9007199254740992}', '{}'])
    assert.notEqual(specHash(json(other)), hash)
})
