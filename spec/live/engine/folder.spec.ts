import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

import { untar } from '../../../lib/engine/untar.ts'
import { httpDaemon } from '../../support/daemon.ts'
import { IGNORE_CASES, IGNORE_TREE } from '../../support/ignore-cases.ts'
import { importBusybox } from '../support/busybox.ts'
import { liveEngine, removeContainers } from '../support/engine.ts'
import { uniqueName } from '../support/profile.ts'

// What the docker CLI sends to its engine of a folder.
async function sentByTheCli(folder: string): Promise<string[]> {
  const names: string[] = []
  await using daemon = await httpDaemon(async (request, response) => {
    if (!/\/build\?/.test(request.url ?? '')) return
    for await (const { name, type } of untar(request, { unsafe: 'skip' })) if (type !== 'directory') names.push(name)
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"stream":"Successfully built 0123456789ab"}')
  })
  const env = { ...process.env, DOCKER_HOST: daemon.host, DOCKER_BUILDKIT: '0', DOCKER_CONTEXT: '' }
  await promisify(execFile)('docker', ['build', '.'], { cwd: folder, env, timeout: 30_000 })
  return names
}

test('of each context is sent what the docker CLI sends', { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dockline-context-'))
  try {
    for (const [name, content] of Object.entries(IGNORE_TREE)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    for (const [ignore, sent] of IGNORE_CASES) {
      writeFileSync(join(folder, '.dockerignore'), ignore)
      const expected = sent === 'all' ? [...Object.keys(IGNORE_TREE), '.dockerignore'] : sent
      assert.deepEqual((await sentByTheCli(folder)).toSorted(), expected.toSorted(), JSON.stringify(ignore))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a folder is built, put into a container and read back', { timeout: 120_000 }, async () => {
  await using docker = await liveEngine()
  const [image, name] = [uniqueName('folder-image'), uniqueName('folder')]
  const folder = mkdtempSync(join(tmpdir(), 'dockline-put-'))
  try {
    await importBusybox(docker, image)
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'sub/run'), '#!/bin/sh\necho ran\n', { mode: 0o755 })
    symlinkSync('sub/run', join(folder, 'way'))
    symlinkSync('/etc/passwd', join(folder, 'out'))
    writeFileSync(join(folder, 'secret'), 'no')
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\nCOPY . /app/\n`)
    writeFileSync(join(folder, '.dockerignore'), 'secret\nDockerfile\n')
    await docker.images.build({ context: folder }, { t: `${image}:built` })
    await docker.containers.create({ Image: `${image}:built`, Cmd: ['sleep', '60'] }, { name })
    assert.equal(
      Buffer.from(await docker.containers.getFile(name, { path: '/app/sub/run' })).toString(),
      '#!/bin/sh\necho ran\n',
    )
    await assert.rejects(docker.containers.getFile(name, { path: '/app/secret' }), { code: 'NOT_FOUND' })
    await docker.containers.putFolder(name, { path: '/tmp' }, folder)
    await docker.containers.putFile(name, { path: '/tmp/note', mode: 0o600 }, 'hello')
    assert.equal(
      Buffer.from(await docker.containers.getFile(name, { path: '/tmp/way' })).toString(),
      '#!/bin/sh\necho ran\n',
    )
    assert.equal(Buffer.from(await docker.containers.getFile(name, { path: '/tmp/note' })).toString(), 'hello')
    await docker.containers.start(name)
    const { stdout } = await docker.exec.run(name, {
      Cmd: ['sh', '-c', '/tmp/way; stat -c "%a %s %N" /tmp/sub/run /tmp/note /tmp/out'],
    })
    assert.match(stdout, /^ran\n755 19 .*\n600 5 .*\n777 \d+ .*\/etc\/passwd/)
  } finally {
    await removeContainers(docker, name)
    for (const tag of [`${image}:built`, `${image}:latest`])
      await docker.images.remove(tag, { force: true }).catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  }
})
