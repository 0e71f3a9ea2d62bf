import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { silentLog, systemClock, systemFiles, systemRandom } from '../../lib/base/system.ts'

let dir = ''
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dockline-system-'))
})
after(() => rm(dir, { recursive: true, force: true }))

test('a file is read whole, through links too, and a missing one is undefined', async () => {
  await writeFile(join(dir, 'file'), 'ä€𝄞\n'.repeat(10_000))
  await symlink('file', join(dir, 'link'))
  assert.equal(await systemFiles.readText(join(dir, 'link')), 'ä€𝄞\n'.repeat(10_000))
  assert.equal(await systemFiles.readText(join(dir, 'none')), undefined)
  assert.equal(await systemFiles.readText(join(dir, 'file', 'below a file')), undefined)
})

test('a file above the limit is refused, and one at the limit is read', async () => {
  await writeFile(join(dir, 'ten'), '0123456789')
  assert.equal(await systemFiles.readText(join(dir, 'ten'), 10), '0123456789')
  await assert.rejects(systemFiles.readText(join(dir, 'ten'), 9), /larger than 9 bytes/)
})

test('a directory, a device and a FIFO are refused and do not hang', async () => {
  await mkdir(join(dir, 'directory'))
  execFileSync('mkfifo', [join(dir, 'fifo')])
  for (const path of [join(dir, 'directory'), join(dir, 'fifo'), '/dev/zero'])
    await assert.rejects(systemFiles.readText(path), /not a regular file/)
})

test('a probe tells a socket, a file, a directory, something else and nothing apart', async () => {
  const server = createServer().listen(join(dir, 'socket'))
  await new Promise((resolve) => server.once('listening', resolve))
  await writeFile(join(dir, 'plain'), '')
  await mkdir(join(dir, 'folder'))
  const found = await Promise.all(
    ['socket', 'plain', 'folder', 'none', 'plain/below'].map((name) => systemFiles.probe(join(dir, name))),
  )
  assert.deepEqual(found, ['socket', 'file', 'directory', 'absent', 'absent'])
  assert.equal(await systemFiles.probe('/dev/null'), 'other')
  await new Promise((resolve) => server.close(resolve))
})

test('a probe of what may not be looked at or opened says denied', async () => {
  await symlink('loop', join(dir, 'loop'))
  assert.equal(await systemFiles.probe(join(dir, 'loop')), 'denied')
  await writeFile(join(dir, 'forbidden'), '')
  await chmod(join(dir, 'forbidden'), 0o000)
  const isRoot = process.getuid?.() === 0 // who may open everything
  assert.equal(await systemFiles.probe(join(dir, 'forbidden')), isRoot ? 'file' : 'denied')
})

test('sleep rejects with the reason of its signal, before it begins and in the middle', async () => {
  const reason = new Error('enough')
  await assert.rejects(systemClock.sleep(60_000, AbortSignal.abort(reason)), reason)
  const controller = new AbortController()
  const sleeping = systemClock.sleep(60_000, controller.signal)
  controller.abort(reason)
  await assert.rejects(sleeping, reason)
  await systemClock.sleep(0)
})

test('a sleep longer than a timer can hold does not end at once', async () => {
  const controller = new AbortController()
  let ended = false
  const sleeping = systemClock.sleep(2 ** 40, controller.signal).then(
    () => (ended = true),
    () => {},
  )
  await systemClock.sleep(20)
  assert.equal(ended, false)
  controller.abort()
  await sleeping
})

test('monotonic time does not go back, and ids are fresh hex of the wanted length', () => {
  const times = Array.from({ length: 100 }, () => systemClock.monotonic())
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  const ids = new Set(Array.from({ length: 100 }, () => systemRandom.id(4)))
  assert.equal(ids.size, 100)
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}$/)
  const fraction = systemRandom.fraction()
  assert.ok(fraction >= 0 && fraction < 1)
})

test('the silent log takes lines and says nothing', () => {
  assert.equal(silentLog.info('x', { a: 1 }), undefined)
  assert.equal(silentLog.warn('x'), undefined)
})
