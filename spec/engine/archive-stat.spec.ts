import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { archiveStat } from '../../lib/engine/archive-stat.ts'

const STAT = { name: 'a', size: 8, mode: 420, mtime: '2026-01-01T00:00:00Z', linkTarget: '' }

function header(value: unknown): Record<string, string> {
  return { 'x-docker-container-path-stat': Buffer.from(JSON.stringify(value)).toString('base64') }
}

test('the header tells what is there', () => {
  assert.deepEqual(archiveStat(header(STAT), '/p'), STAT)
  const { linkTarget: _, ...old } = STAT
  assert.deepEqual(archiveStat(header(old), '/p'), STAT)
})

test('a header that is absent, torn or of another shape is a protocol error', () => {
  for (const headers of [{}, { 'x-docker-container-path-stat': '!!!' }, header([]), header({ ...STAT, name: 1 })])
    assert.throws(
      () => archiveStat(headers, '/p'),
      (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
    )
})
