import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import * as fc from 'fast-check'
import { createTarPacker, type TarHeader } from 'modern-tar'

import { hasCode } from '../../lib/base/errors.ts'
import { tar, type TarInput } from '../../lib/engine/tar.ts'
import { untar } from '../../lib/engine/untar.ts'
import type { UntarOptions } from '../../lib/engine/tar-guard.ts'
import { bytes, everyCut, source } from '../support/bytes.ts'

async function packed(files: TarInput[]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of tar(files)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

// What no honest packer would write.
async function forged(headers: Omit<TarHeader, 'size'>[]): Promise<Buffer> {
  const { readable, controller } = createTarPacker()
  const written = (async () => {
    for (const header of headers) await controller.add({ ...header, size: 0 }).close()
    controller.finalize()
  })()
  const chunks: Uint8Array[] = []
  for await (const chunk of readable) chunks.push(chunk)
  await written
  return Buffer.concat(chunks)
}

async function names(archive: Uint8Array, options?: UntarOptions): Promise<string[]> {
  const all: string[] = []
  for await (const { name } of untar(source([archive]), options)) all.push(name)
  return all
}

const invalid = (error: unknown): boolean => hasCode(error, 'INPUT_INVALID')
const unsafe = (error: unknown): boolean => hasCode(error, 'ARCHIVE_UNSAFE')

test('what is packed is what tar reads, and what is unpacked again', async () => {
  const archive = await packed([
    { name: 'dir/', mode: 0o700 },
    { name: 'dir/größe.txt', content: 'zwölf', mode: 0o640, uid: 7, gid: 8, mtime: new Date(1_000_000_000_000) },
    { name: `${'d/'.repeat(100)}deep`, content: new Uint8Array(1000) },
    { name: 'dir/link', target: '../file' },
    { name: 'empty' },
  ])
  const listed = execFileSync('tar', ['-tvf', '-', '--numeric-owner', '--utc'], {
    input: archive,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  assert.match(
    listed,
    /^drwx------ 0\/0 +0 1970-01-01 00:00 dir\/\n-rw-r----- 7\/8 +6 2001-09-09 01:46 dir\/größe.txt\n/,
  )
  assert.match(listed, /lrw-r--r-- .* dir\/link -> \.\.\/file\n/)
  const entries: unknown[] = []
  for await (const { name, type, size, mode, uid, mtime, target, content } of untar(source([archive])))
    entries.push([name, type, size, mode, uid, mtime.getTime(), target, (await content.bytes()).length])
  assert.deepEqual(entries, [
    ['dir', 'directory', 0, 0o700, 0, 0, undefined, 0],
    ['dir/größe.txt', 'file', 6, 0o640, 7, 1_000_000_000_000, undefined, 6],
    [`${'d/'.repeat(100)}deep`, 'file', 1000, 0o644, 0, 0, undefined, 1000],
    ['dir/link', 'symlink', 0, 0o644, 0, 0, '../file', 0],
    ['empty', 'file', 0, 0o644, 0, 0, undefined, 0],
  ])
})

test('equal files make equal archives, whenever they are packed', async () => {
  const files = [{ name: 'a', content: 'b' }]
  assert.deepEqual(await packed(files), await packed(files))
})

test('any contents go in and come out, however the bytes are cut', async () => {
  const content = fc.uint8Array({ maxLength: 2000 })
  await fc.assert(
    fc.asyncProperty(fc.array(content, { maxLength: 5 }), fc.integer({ min: 1, max: 3000 }), async (contents, step) => {
      const archive = await packed(contents.map((content, i) => ({ name: `f${i}`, content })))
      const chunks = Array.from({ length: Math.ceil(archive.length / step) }, (_, i) =>
        archive.subarray(i * step, (i + 1) * step),
      )
      const out: Uint8Array[] = []
      for await (const entry of untar(source(chunks))) out.push(new Uint8Array(await entry.content.bytes()))
      assert.deepEqual(
        out,
        contents.map((content) => new Uint8Array(content)),
      )
    }),
    { numRuns: 30 },
  )
})

function streamed(size: number | undefined): TarInput {
  return { name: 'a', content: source([bytes('ab'), bytes('c')]), size }
}

test('a content may be a stream of a size that is told, and no other', async () => {
  assert.deepEqual(await packed([streamed(3)]), await packed([{ name: 'a', content: 'abc' }]))
  for (const size of [undefined, 2, 4])
    await assert.rejects(packed([streamed(size)]), (error) => hasCode(error, 'INPUT_INVALID'))
})

test('a content that fails ends the archive with its own error', async () => {
  const failing = (async function* () {
    yield bytes('a')
    throw new Error('disk on fire')
  })()
  await assert.rejects(packed([{ name: 'a', content: failing, size: 3 }]), /disk on fire/)
})

test('contents that are not read are skipped, and leaving early leaves the source', async () => {
  const archive = await packed([
    { name: 'a', content: new Uint8Array(100_000) },
    { name: 'b', content: 'read me' },
  ])
  const read: string[] = []
  for await (const { name, content } of untar(source([archive]))) if (name === 'b') read.push(await content.text())
  assert.deepEqual(read, ['read me'])
  const endless = source(
    (function* () {
      yield archive.subarray(0, 512)
      for (;;) yield new Uint8Array(65_536)
    })(),
  )
  for await (const _ of untar(endless)) break
  assert.ok(endless.given < 100)
})

test('absolute names, names that lead upwards, and the like are refused, going in and coming out', async () => {
  for (const name of ['/etc/passwd', '../up', 'a/../../up', 'a/..', 'C:/x', 'a\\b', 'a\0b', '']) {
    await assert.rejects(packed([{ name, content: '' }]), invalid, JSON.stringify(name))
    if (name === '' || name.includes('\0')) continue // which a header cannot hold
    assert.deepEqual(await names(await forged([{ name }, { name: 'good' }]), { unsafe: 'skip' }), ['good'])
    await assert.rejects(names(await forged([{ name }])), unsafe, JSON.stringify(name))
  }
})

function link(name: string, linkname: string, type: 'symlink' | 'link'): Promise<Buffer> {
  return forged([{ name, linkname, type }])
}

test('links that lead out are refused, those that stay inside pass, and none passes where links are refused', async () => {
  for (const [name, target, type] of [
    ['a', '/etc', 'symlink'],
    ['a', '..', 'symlink'],
    ['a/b', '../../x', 'symlink'],
    ['a', 'b/../../x', 'symlink'],
    ['a', 'b/../c', 'symlink'],
    ['a', '', 'symlink'],
    ['a/b', '../x', 'link'],
    ['a', '/etc/passwd', 'link'],
  ] as const) {
    await assert.rejects(names(await link(name, target, type)), unsafe, `${name} -> ${target}`)
  }
  for (const [name, target, type] of [
    ['a', 'b', 'symlink'],
    ['a/b', '../c', 'symlink'],
    ['a/b', '..', 'symlink'],
    ['a/b', 'c', 'link'],
  ] as const) {
    assert.deepEqual(await names(await link(name, target, type)), [name])
    await assert.rejects(names(await link(name, target, type), { links: 'refuse' }), unsafe)
  }
})

test('nothing passes through a link that came before', async () => {
  const start = { name: 'a', linkname: '.', type: 'symlink' } as const
  for (const next of [
    { name: 'a/x', type: 'file' },
    { name: 'a/b', linkname: '..', type: 'symlink' },
    { name: 'b', linkname: 'a/x', type: 'link' },
  ] as const) {
    await assert.rejects(names(await forged([start, next])), unsafe, next.name)
  }
})

test('devices and pipes are refused', async () => {
  for (const type of ['character-device', 'block-device', 'fifo'] as const)
    await assert.rejects(names(await forged([{ name: 'x', type }])), unsafe, type)
})

test('what is cut, compressed, or no tar at all is a protocol error', async () => {
  const archive = await packed([{ name: 'a', content: 'some words' }])
  for (const bad of [
    archive.subarray(0, 600),
    archive.subarray(0, 1024),
    readFileSync(process.execPath).subarray(0, 2048),
    Buffer.from('1f8b08'.repeat(200), 'hex'),
  ])
    await assert.rejects(names(bad), (error) => hasCode(error, 'PROTOCOL_VIOLATION'))
})

test('an archive may be cut anywhere', async () => {
  const archive = await packed([{ name: 'a', content: 'b' }])
  for (const chunks of everyCut(archive).filter((_, i) => i % 97 === 0)) {
    const read: string[] = []
    for await (const { name, content } of untar(source(chunks))) read.push(name, await content.text())
    assert.deepEqual(read, ['a', 'b'])
  }
})

test('the error of a source comes through', async () => {
  const failing = (async function* () {
    yield new Uint8Array(10)
    throw new Error('the line is cut')
  })()
  await assert.rejects(async () => {
    for await (const _ of untar(failing)) assert.fail('nothing is whole')
  }, /the line is cut/)
})

test('a number that a header cannot hold is refused', async () => {
  const faults = [
    { mtime: new Date(-1000) },
    { mtime: new Date(Number.NaN) },
    { mtime: new Date(8_589_934_592_000) },
    { uid: -1 },
    { gid: -1 },
    { uid: 0o10000000 },
    { gid: 1.5 },
    { mode: -1 },
    { mode: 0o10000 },
  ]
  for (const fault of faults) {
    const refused = packed([{ name: 'a', content: 'x', ...fault }])
    await assert.rejects(refused, (error) => hasCode(error, 'INPUT_INVALID'), JSON.stringify(fault))
  }
})

test('the last second and the largest id that a header holds come back', async () => {
  const mtime = new Date(8_589_934_591_000)
  const bytes = await packed([{ name: 'a', content: 'x', uid: 0o7777777, gid: 0o7777777, mtime }])
  for await (const entry of untar(source([bytes]))) {
    assert.deepEqual(entry.mtime, mtime)
    assert.equal(entry.uid, 0o7777777)
  }
})
