import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isSelected, isSelective, ownName, type Selection } from '../../lib/refresh/selection.ts'
import { json } from '../support/container.ts'

const container = (name: string, Labels: Record<string, string> = {}) => ({ Names: [`/${name}`], Labels })

for (const [title, selection, name, labels, selected] of [
  ['nothing given selects nothing', {}, 'ws-1', {}, false],
  ['all selects everything', { all: true }, 'ws-1', {}, true],
  ['all: false is nothing given', { all: false }, 'ws-1', {}, false],
  ['empty lists are nothing given', { names: [], labels: [] }, 'ws-1', {}, false],
  ['an exact name', { names: ['ws-1', 'ws-2'] }, 'ws-2', {}, true],
  ['a name is not a part of a name', { names: ['ws-1'] }, 'ws-10', {}, false],
  ['a name is not a pattern', { names: ['ws-.'] }, 'ws-1', {}, false],
  ['a name in another case is another', { names: ['WS-1'] }, 'ws-1', {}, false],
  ['a prefix', { namePrefix: 'ws-' }, 'ws-1', {}, true],
  ['a prefix stands at the beginning', { namePrefix: 'ws-' }, 'news-1', {}, false],
  ['a prefix is not a pattern', { namePrefix: 'w.' }, 'ws-1', {}, false],
  ['a label by its key', { labels: ['tier'] }, 'ws-1', { tier: '' }, true],
  ['a label by key and value', { labels: ['tier=1'] }, 'ws-1', { tier: '1' }, true],
  ['a label with another value', { labels: ['tier=1'] }, 'ws-1', { tier: '2' }, false],
  ['a label with "=" in its value', { labels: ['eq=a=b'] }, 'ws-1', { eq: 'a=b' }, true],
  ['a label that must be empty', { labels: ['tier='] }, 'ws-1', { tier: '1' }, false],
  ['all labels must be there', { labels: ['a', 'b'] }, 'ws-1', { a: '' }, false],
  ['a label that every object inherits', { labels: ['constructor'] }, 'ws-1', {}, false],
  ['conditions narrow one another', { namePrefix: 'ws-', labels: ['tier=1'] }, 'ws-1', { tier: '2' }, false],
  ['all is narrowed too', { all: true, names: ['ws-1'] }, 'ws-2', {}, false],
] as const satisfies readonly (readonly [string, Selection, string, Record<string, string>, boolean])[]) {
  test(`${title}: ${selected ? 'selected' : 'not selected'}`, () => {
    assert.equal(isSelected(selection, container(name, labels)), selected)
  })
}

test('a label __proto__ is one like any other', () => {
  const Labels = json('{"__proto__":"x"}') as Record<string, string>
  assert.equal(isSelected({ labels: ['__proto__=x'] }, { Names: ['/a'], Labels }), true)
})

test('the own name of a container is told from link aliases, and one without a name is never selected', () => {
  assert.equal(ownName({ Names: ['/parent/alias', '/ws-1', '/other/alias'] }), 'ws-1')
  assert.equal(ownName({ Names: ['ws-1'] }), 'ws-1')
  for (const Names of [[], ['/'], ['/a/b']]) assert.equal(isSelected({ all: true }, { Names, Labels: {} }), false)
})

test('a selection says something as soon as one of its conditions does', () => {
  assert.deepEqual(
    [{}, { all: false }, { names: [] }, { all: true }, { namePrefix: 'a' }, { names: ['a'] }, { labels: ['a'] }].map(
      isSelective,
    ),
    [false, false, false, true, true, true, true],
  )
})

test('an empty prefix, as of a variable that is not set, says nothing and selects nothing', () => {
  assert.equal(isSelective({ namePrefix: '' }), false)
  assert.equal(isSelected({ namePrefix: '' }, container('ws-1')), false)
  assert.equal(isSelected({ namePrefix: '', all: true }, container('ws-1')), true)
})
