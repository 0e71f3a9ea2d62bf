import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { readProcesses, systemProcesses } from '../../lib/base/processes.ts'
import { until } from '../support/until.ts'

test('a process knows itself, and is dead under another start time, boot or an ended pid', async () => {
  const me = await systemProcesses.self()
  assert.equal(await systemProcesses.state(me), 'alive')
  assert.equal(await systemProcesses.state(me.replace(/\d+$/, '1')), 'dead', 'its pid was given anew')
  assert.equal(await systemProcesses.state(`another-boot${me.slice(me.indexOf('/'))}`), 'unknown')
  const child = spawn('true')
  await once(child, 'exit')
  assert.equal(await systemProcesses.state(me.replace(/\/\d+\/\d+$/, `/${child.pid}/7`)), 'dead')
})

test('a process that was killed and that its parent never asks for is dead', async (t) => {
  // The shell becomes a program that waits for no child: what it had started stays a zombie.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => parent.kill('SIGKILL'))
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  const me = await systemProcesses.self()
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  const identity = me.replace(/\/\d+\/\d+$/, `/${pid}/${started}`)
  assert.equal(await systemProcesses.state(identity), 'alive')
  process.kill(pid, 'SIGKILL')
  await until('it is a zombie', () => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
  assert.equal(await systemProcesses.state(identity), 'dead')
})

for (const state of ['Z', 'X', 'x']) {
  test(`a process whose state is ${state} is dead`, async () => {
    const me = await systemProcesses.self()
    const stat = `7 (a) b) ${state} ${Array.from({ length: 18 }, (_, i) => i).join(' ')} 4711 0`
    const processes = readProcesses({ readText: async () => stat })
    assert.equal(await processes.state(me.replace(/\/\d+$/, '/4711')), 'dead')
  })
}

test('a thread of a process is another holder than the process, and lives with it', async () => {
  const url = new URL('../../lib/base/processes.ts', import.meta.url).href
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(url)}) })
    .then(({ systemProcesses }) => systemProcesses.self())
    .then((self) => require('node:worker_threads').parentPort.postMessage(self))`
  const worker = new Worker(code, { eval: true })
  const { threadId } = worker
  const [self] = (await once(worker, 'message')) as [string]
  assert.equal(self, `${await systemProcesses.self()}.${threadId}`)
  assert.equal(await systemProcesses.state(self), 'alive')
  await worker.terminate()
})

test('a process that is there but hidden from us is unknown, not dead', async () => {
  const hidden = readProcesses({ readText: async () => undefined })
  assert.equal(await hidden.state(await systemProcesses.self()), 'unknown')
})
