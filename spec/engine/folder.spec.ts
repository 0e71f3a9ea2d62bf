import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { contextFiles, folderFiles } from '../../lib/engine/folder.ts'
import { contextBytes, folderBytes } from '../../lib/engine/tar-body.ts'
import type { TarInput } from '../../lib/engine/tar.ts'
import { IGNORE_CASES, IGNORE_TREE } from '../support/ignore-cases.ts'

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'dockline-folder-')))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}

async function all(files: AsyncIterable<TarInput>): Promise<TarInput[]> {
  const found: TarInput[] = []
  for await (const file of files) found.push(file)
  return found
}

async function names(files: AsyncIterable<TarInput>): Promise<string[]> {
  return (await all(files)).map(({ name }) => name).filter((name) => !name.endsWith('/'))
}

async function packed(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

for (const [ignore, sent] of IGNORE_CASES) {
  test(`of a context is sent what ${JSON.stringify(ignore)} leaves`, async (t) => {
    const root = folder(t, { ...IGNORE_TREE, '.dockerignore': ignore })
    const expected = sent === 'all' ? [...Object.keys(IGNORE_TREE), '.dockerignore'] : sent
    assert.deepEqual((await names(contextFiles(root, 'Dockerfile'))).toSorted(), expected.toSorted())
  })
}

test('the Dockerfile of another name is sent whatever is left out', async (t) => {
  const root = folder(t, { 'build/App.dockerfile': '', 'build/x': '', a: '', '.dockerignore': '*' })
  assert.deepEqual(await names(contextFiles(root, 'build/App.dockerfile')), ['.dockerignore', 'build/App.dockerfile'])
})

test('links are links, also those that lead out; modes, sizes and times are right', async (t) => {
  const root = folder(t, { 'bin/run': '#!/bin/sh', empty: '' })
  chmodSync(join(root, 'bin/run'), 0o4755)
  utimesSync(join(root, 'bin/run'), 1_700_000_000, 1_700_000_000)
  symlinkSync('../../etc/passwd', join(root, 'bin/out'))
  symlinkSync('/', join(root, 'root'))
  symlinkSync('bin', join(root, 'way'))
  const files = await all(folderFiles(root))
  const of = (name: string): TarInput | undefined => files.find((file) => file.name === name)
  assert.deepEqual(
    files.map(({ name }) => name),
    ['bin/', 'bin/out', 'bin/run', 'empty', 'root', 'way'],
  )
  assert.equal(of('bin/run')?.mode, 0o4755)
  assert.equal(of('bin/run')?.size, 9)
  assert.equal(of('bin/run')?.mtime?.getTime(), 1_700_000_000_000)
  assert.equal(of('bin/out')?.target, '../../etc/passwd')
  assert.equal(of('root')?.target, '/')
  assert.equal(of('empty')?.size, 0)
  // What GNU tar reads of it.
  const listing = execFileSync('tar', ['-tvf', '-'], {
    input: await packed(folderBytes({ folder: root, owners: false })),
  })
  assert.match(String(listing), /^-rwsr-xr-x 0\/0 +9 .* bin\/run$/m)
  assert.match(String(listing), /bin\/out -> \.\.\/\.\.\/etc\/passwd$/m)
})

test('sockets are left out, pipes and what is no folder are refused with the path', async (t) => {
  const root = folder(t, { a: '' })
  const server = createServer().listen(join(root, 'sock'))
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  assert.deepEqual(await names(folderFiles(root)), ['a'])
  execFileSync('mkfifo', [join(root, 'pipe')])
  for (const path of [root, join(root, 'a'), join(root, 'none')])
    await assert.rejects(
      all(folderFiles(path)),
      (error) => hasCode(error, 'INPUT_INVALID') && error.message.includes(path),
    )
})

test('a file that shrinks meanwhile is an error, one that grows is packed as it was', async (t) => {
  const root = folder(t, { a: 'x'.repeat(2000), b: 'y' })
  const [a, b] = await all(folderFiles(root))
  writeFileSync(join(root, 'a'), 'x'.repeat(100))
  writeFileSync(join(root, 'b'), 'yes')
  const { tar } = await import('../../lib/engine/tar.ts')
  await assert.rejects(packed(tar([a as TarInput])), (error) => hasCode(error, 'INPUT_INVALID'))
  assert.ok((await packed(tar([b as TarInput]))).includes('y\0'))
})

test('a link that takes the place of a file is not followed', async (t) => {
  const root = folder(t, { a: 'x' })
  const [file] = await all(folderFiles(root))
  rmSync(join(root, 'a'))
  symlinkSync('/etc/hostname', join(root, 'a'))
  await assert.rejects(all(file?.content as never), (error) => hasCode(error, 'INPUT_INVALID'))
})

test('what is no path of a folder is refused by name', () => {
  for (const context of [null, 7, '', undefined])
    assert.throws(() => contextBytes({ context: context as never }, undefined), /the folder is/)
})
