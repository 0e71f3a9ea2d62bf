import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { systemTemplates } from '../../lib/workspace/template.ts'
import { temporaryDirectory } from '../support/temporary.ts'

test('a template is walked parents first, with modes; links and what is no file are other', async () => {
  using dir = temporaryDirectory()
  mkdirSync(join(dir.path, 'sub/deep'), { recursive: true })
  writeFileSync(join(dir.path, 'sub/deep/run.sh'), 'x', { mode: 0o755 })
  writeFileSync(join(dir.path, 'a.yaml'), 'yes', { mode: 0o600 })
  symlinkSync('/etc/passwd', join(dir.path, 'evil.md'))
  symlinkSync('/etc', join(dir.path, 'evil-dir'))
  execFileSync('mkfifo', [join(dir.path, 'fifo')])
  const seen: string[] = []
  for await (const { name, type, mode, size } of systemTemplates.entries(dir.path))
    seen.push(`${name} ${type} ${type === 'file' ? `${mode.toString(8)} ${size}` : ''}`.trim())
  assert.deepEqual(seen, [
    'a.yaml file 600 3',
    'evil-dir other',
    'evil.md other',
    'fifo other',
    'sub directory',
    'sub/deep directory',
    'sub/deep/run.sh file 755 1',
  ])
})

test('a file that became a link after it was seen is not read', async () => {
  using dir = temporaryDirectory()
  const path = join(dir.path, 'a')
  writeFileSync(path, 'x')
  for await (const entry of systemTemplates.entries(dir.path)) {
    rmSync(path)
    symlinkSync('/etc/passwd', path)
    await assert.rejects(
      async () => {
        for await (const _ of entry.read()) assert.fail('it was read')
      },
      { code: 'ELOOP' },
    )
  }
})

test('a directory or a link is no file, and what is not there is none', async () => {
  using dir = temporaryDirectory()
  mkdirSync(join(dir.path, 'config.yaml'))
  symlinkSync('/etc/passwd', join(dir.path, 'link'))
  writeFileSync(join(dir.path, 'file'), '')
  const has = (name: string): Promise<boolean> => systemTemplates.hasFile(dir.path, name)
  assert.deepEqual(await Promise.all(['config.yaml', 'link', 'file', 'none', 'file/below'].map(has)), [
    false,
    false,
    true,
    false,
    false,
  ])
})
