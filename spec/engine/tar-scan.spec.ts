import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { tar, type TarInput } from '../../lib/engine/tar.ts'
import { untar } from '../../lib/engine/untar.ts'

async function packed(...files: TarInput[]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of tar(files)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

// Gives the header at `at` another kind, and the checksum for it.
function withFlag(bytes: Buffer, at: number, flag: string): Buffer {
  bytes[at + 156] = flag.charCodeAt(0)
  bytes.fill(' ', at + 148, at + 156)
  const sum = bytes.subarray(at, at + 512).reduce((all, byte) => all + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1')
  return bytes
}

async function names(bytes: Buffer, size = 700): Promise<string[]> {
  const found: string[] = []
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  for await (const { name, content } of untar(chunks())) found.push(`${name} ${(await content.bytes()).length}`)
  return found
}

const isUnsupported = (error: unknown): boolean => hasCode(error, 'UNSUPPORTED') && /sparse|GNU tar/.test(String(error))
const big = { name: 'big', content: 'x'.repeat(4096) }

for (const flag of ['S', 'D', 'M', 'V', 'N']) {
  test(`an entry of the kind ${flag} of GNU tar is refused, and not given as a file`, async () => {
    const bytes = withFlag(await packed({ name: 'a', content: 'x'.repeat(600) }, big), 512 + 1024, flag)
    for (const size of [1, 512, 700, bytes.length]) await assert.rejects(names(bytes, size), isUnsupported)
  })
}

test('a sparse file in the form of PAX is refused', async () => {
  const record = '22 GNU.sparse.major=1\n'
  const pax = withFlag(await packed({ name: 'pax', content: record }), 0, 'x').subarray(0, 1024)
  const bytes = Buffer.concat([pax, await packed(big)])
  for (const size of [1, 512, bytes.length]) await assert.rejects(names(bytes, size), isUnsupported)
})

test('what only looks like such a header, inside of a file, is content', async () => {
  const inner = withFlag(await packed(big), 0, 'S')
  const bytes = await packed(
    { name: 'a/', mode: 0o755 },
    { name: 'a/inner.tar', content: inner },
    { name: 'z', content: 'z' },
  )
  assert.deepEqual(await names(bytes), ['a 0', `a/inner.tar ${inner.length}`, 'z 1'])
})
