import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

import { hasCode } from '../../lib/base/errors.ts'
import { tarBytes, uncompressedTar } from '../../lib/engine/tar-body.ts'
import { bytes, everyCut, source } from '../support/bytes.ts'

async function read(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const refused = (error: unknown): boolean => hasCode(error, 'INPUT_INVALID')

test('files are packed, bytes pass as they are', async () => {
  const packed = await read(tarBytes([{ name: 'a', content: 'b' }]))
  assert.equal(packed.subarray(0, 2).toString(), 'a\0')
  assert.equal(packed.length % 512, 0)
  assert.deepEqual(await read(tarBytes(packed)), packed)
  assert.deepEqual(await read(uncompressedTar(source([packed.subarray(0, 3), packed.subarray(3)]))), packed)
})

test('a compressed tar is refused where it must not be, whole or in pieces of any size', async () => {
  const starts = ['1f8b08', '425a6839', 'fd377a585a00', '28b52ffd'].map((hex) => Buffer.from(`${hex}00000000`, 'hex'))
  for (const start of [...starts, gzipSync('x')]) {
    assert.throws(() => uncompressedTar(start), refused)
    for (const chunks of everyCut(start)) await assert.rejects(read(uncompressedTar(source(chunks))), refused)
    assert.deepEqual(await read(tarBytes(start)), start)
  }
})

test('what is shorter than any magic passes unchanged', async () => {
  for (const text of ['', 'a', 'abcde']) {
    assert.deepEqual(await read(uncompressedTar(bytes(text))), Buffer.from(text))
    assert.deepEqual(await read(uncompressedTar(source([bytes(text)]))), Buffer.from(text))
  }
})

test('connecting does not load the packer', () => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, kind, target = ''] of text.matchAll(/^(?:import|export) (type )?[^'"]*?from '([^']+)'/gm)) {
      if (kind !== undefined) continue
      if (target.startsWith('.')) visit(normalize(join(dirname(file), target)))
      else seen.add(target)
    }
  }
  visit('lib/engine/connect.ts')
  assert.ok(seen.has('lib/engine/container-io.ts'))
  assert.ok(seen.has('zod/mini'))
  assert.ok(!seen.has('modern-tar'))
  assert.ok(!seen.has('lib/engine/tar.ts'))
})
