import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { Secret } from '../../../lib/base/secret.ts'
import { tar } from '../../../lib/engine/tar.ts'
import { untar } from '../../../lib/engine/untar.ts'
import { configFiles } from '../../../lib/workspace/docker/files.ts'
import { systemTemplates } from '../../../lib/workspace/template.ts'
import type { Workspace } from '../../../lib/workspace/workspace.ts'
import { temporaryDirectory } from '../../support/temporary.ts'

/** What is in the archive: `name mode owner content`. */
async function packed(workspace: Partial<Workspace>): Promise<string[]> {
  const { files } = await configFiles({ id: 'a', platformUrl: '', ...workspace }, systemTemplates)
  const entries: string[] = []
  for await (const { name, type, mode, uid, gid, content } of untar(tar(files)))
    entries.push(
      `${name} ${mode.toString(8)} ${uid}:${gid}${type === 'file' ? ` ${JSON.stringify(await content.text())}` : ' dir'}`,
    )
  return entries
}

test('scripts lose their CRs, and the archive is whole all the same', async () => {
  using dir = temporaryDirectory()
  writeFileSync(join(dir.path, 'run.sh'), '#!/bin/sh\r\necho hi\r\n', { mode: 0o755 })
  writeFileSync(join(dir.path, 'data.csv'), 'a\r\nb\r\n')
  assert.deepEqual(await packed({ template: dir.path }), [
    'data.csv 644 1000:1000 "a\\r\\nb\\r\\n"',
    'run.sh 755 1000:1000 "#!/bin/sh\\necho hi\\n"',
  ])
})

test('a large script is streamed: it may come in many chunks', async () => {
  using dir = temporaryDirectory()
  writeFileSync(join(dir.path, 'big.md'), '0123456789\r\n'.repeat(50_000))
  const { files } = await configFiles({ id: 'a', platformUrl: '', template: dir.path }, systemTemplates)
  for await (const { size, content } of untar(tar(files))) {
    assert.equal(size, 550_000)
    assert.equal(await content.text(), '0123456789\n'.repeat(50_000))
  }
})

test('links are left out, whatever they point at, and told', async () => {
  using dir = temporaryDirectory()
  symlinkSync('/etc/passwd', join(dir.path, 'evil.md'))
  symlinkSync('/etc', join(dir.path, 'evil'))
  const { files, warnings } = await configFiles({ id: 'a', platformUrl: '', template: dir.path }, systemTemplates)
  assert.deepEqual(files, [])
  assert.equal(warnings.length, 2)
})

test('files of the workspace win over those of the template, and make their directories once', async () => {
  using dir = temporaryDirectory()
  mkdirSync(join(dir.path, 'sub'), { mode: 0o700 })
  writeFileSync(join(dir.path, 'config.yaml'), 'template')
  assert.deepEqual(
    await packed({
      template: dir.path,
      files: { 'config.yaml': 'own', 'sub/a': '1', 'new/deep/b': { content: '2', mode: 0o640 } },
    }),
    [
      'sub 700 1000:1000 dir',
      'config.yaml 644 1000:1000 "own"',
      'sub/a 644 1000:1000 "1"',
      'new 755 1000:1000 dir',
      'new/deep 755 1000:1000 dir',
      'new/deep/b 640 1000:1000 "2"',
    ],
  )
})

test("a token is the agent's alone, whichever way it comes", async () => {
  const own = '.auth_token 600 1000:1000 "t0ken"'
  assert.deepEqual(await packed({ token: new Secret('t0ken') }), [own])
  assert.deepEqual(await packed({ files: { '.auth_token': 't0ken' } }), [own])
  assert.deepEqual(await packed({ files: { '.auth_token': 'stale' }, token: 't0ken' }), [own], 'one file, the newer')
})

test('a token file of the template keeps its mode', async () => {
  using dir = temporaryDirectory()
  writeFileSync(join(dir.path, '.auth_token'), 't0ken', { mode: 0o600 })
  assert.deepEqual(await packed({ template: dir.path }), ['.auth_token 600 1000:1000 "t0ken"'])
})

test('a name that leads out of /configs is refused', async () => {
  for (const name of ['../x', '/etc/passwd', 'a/../../x'])
    await assert.rejects(packed({ files: { [name]: 'x' } }), name)
})

test('a template that is not there is an error that names it', async () => {
  await assert.rejects(packed({ template: '/nonexistent/template' }), {
    code: 'INPUT_INVALID',
    message: /\/nonexistent\/template/,
  })
})
