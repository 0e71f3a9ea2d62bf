import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { countBytes, isTextFile, withoutCrlf } from '../../lib/workspace/crlf.ts'

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield Buffer.from(part)
}

async function normal(...parts: string[]): Promise<string> {
  const out: Uint8Array[] = []
  for await (const chunk of withoutCrlf(chunks(...parts))) out.push(chunk)
  return Buffer.concat(out).toString()
}

test('CRLF becomes LF, and a CR that stands alone stays', async () => {
  assert.equal(await normal('#!/bin/sh\r\necho a\r\n'), '#!/bin/sh\necho a\n')
  assert.equal(await normal('a\rb\r\r\nc\r'), 'a\rb\r\nc\r')
})

test('however a text is cut into chunks, the result is the same, and so is its size', async () => {
  const text = fc.string({ unit: fc.constantFrom('\r', '\n', 'a') })
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 6 }), async (parts) => {
      const expected = parts.join('').replaceAll('\r\n', '\n')
      assert.equal(await normal(...parts), expected)
      assert.equal(await countBytes(withoutCrlf(chunks(...parts))), expected.length)
    }),
  )
})

test('scripts and what agents read are texts, everything else is left as it is', () => {
  assert.deepEqual(['a.sh', 'b/c.py', 'README.md', 'a.yaml', 'a.sh.bin', 'sh'].filter(isTextFile), [
    'a.sh',
    'b/c.py',
    'README.md',
  ])
})
