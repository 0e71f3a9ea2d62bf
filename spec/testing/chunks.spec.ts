import assert from 'node:assert/strict'
import { test } from 'node:test'

import { rechunk, rewriteChunks, rewriteText } from '../../lib/testing/chunks.ts'

const chunks = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text))
const texts = (list: readonly Uint8Array[]): string[] => list.map((chunk) => Buffer.from(chunk).toString())

test('a replacement of the same length moves no edge, even when it lies across chunks', () => {
  const rewrites = [{ pattern: /secret/g, replace: () => '******' }]
  assert.deepEqual(texts(rewriteChunks(chunks('a se', 'cr', 'et b'), rewrites)), ['a **', '**', '** b'])
})

test('edges behind a replacement of another length move with their text', () => {
  const rewrites = [{ pattern: /long-host/g, replace: () => 'h' }]
  assert.deepEqual(texts(rewriteChunks(chunks('long-host ', 'b long-host', ' c'), rewrites)), ['h ', 'b h', ' c'])
})

test('an edge inside a part that changed its length moves to its end, and no chunk is left empty', () => {
  const rewrites = [{ pattern: /long-host/g, replace: () => 'h' }]
  assert.deepEqual(texts(rewriteChunks(chunks('a long', '-', 'host b'), rewrites)), ['a h', ' b'])
})

test('bytes that are no text survive', () => {
  const bytes = Buffer.from([0, 255, 128, 10])
  assert.deepEqual(rewriteChunks([bytes], [{ pattern: /x/g, replace: () => 'y' }]), [bytes])
})

test('a text is rewritten by one rule after the other', () => {
  const rewrites = [
    { pattern: /a+/g, replace: (match: RegExpExecArray) => String(match[0].length) },
    { pattern: /2/g, replace: () => 'two' },
  ]
  assert.equal(rewriteText('aa b aaa', rewrites), 'two b 3')
})

test('bytes are cut anew at any size, the rest in a last chunk', () => {
  assert.deepEqual(texts(rechunk(chunks('abc', 'de'), 2)), ['ab', 'cd', 'e'])
  assert.deepEqual(texts(rechunk(chunks('abc'), 100)), ['abc'])
  assert.deepEqual(rechunk([], 3), [])
})
