import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { rawConnection } from '../../support/raw-connection.ts'
import { hostOf, liveEngine } from '../support/engine.ts'
import { startService, type LiveService } from '../support/service.ts'

// Requests per second that `/healthz` must bear: an operator's checks need one, this is what the whole path costs.
const RATE = 200
const MAX_GROWTH = 40 << 20

let docker: Docker
let dir: string
let service: LiveService

before(async () => {
  docker = await liveEngine()
  dir = mkdtempSync(path.join(tmpdir(), 'load-'))
  const secret = path.join(dir, 'secret')
  writeFileSync(secret, 'hook-secret-0123456789')
  const args = ['--name', 'server-load-nobody', '--hook-secret-file', `ghcr=${secret}`]
  service = await startService(args, { DOCKER_HOST: hostOf(docker) })
})

after(async () => {
  await service.stop()
  rmSync(dir, { recursive: true, force: true })
  await docker.close()
})

/** Runs a program to its end; a missing one fails the spec with the cure. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
  child.on('error', () => void (text += `${command} is not installed: apt-get install ${command}`))
  await Promise.race([once(child, 'close'), once(child, 'error').catch(() => {})])
  return text
}

function load(seconds: number): Promise<string> {
  return run('wrk', ['-t', '1', '-c', '16', '-d', `${seconds}s`, `http://${service.address}/healthz`])
}

/** Resident memory of the service, in bytes. */
function resident(): number {
  const statm = readFileSync(`/proc/${service.running.child.pid}/statm`, 'utf8')
  return Number(statm.split(' ')[1]) * 4096
}

const ms = (time: number): string => `${Math.round(time)} ms`

async function answersAtOnce(): Promise<number> {
  const response = await service.ask('GET', '/admin/jobs', { connection: 'close' })
  await response.body?.cancel()
  return response.status
}

// A webhook's body is read before it is known who sends it.
for (const [what, target, args] of [
  ['slow headers', '/admin/workspace-images/refresh', ['-H', '-x', '24']],
  ['slow bodies', '/hooks/ghcr', ['-B', '-s', '8192', '-x', '24', '-t', 'POST']],
] as const) {
  test(`slowhttptest with ${what}: the service answers meanwhile, and is available in the end`, async (t) => {
    const flags = [
      '-c',
      '300',
      '-r',
      '100',
      '-i',
      '2',
      '-l',
      '20',
      '-p',
      '3',
      '-u',
      `http://${service.address}${target}`,
    ]
    const attack = run('slowhttptest', [...args, ...flags])
    const statuses: number[] = []
    const took: number[] = []
    const over = new AbortController()
    void attack.finally(() => over.abort())
    while (!over.signal.aborted) {
      const begun = performance.now()
      statuses.push(await answersAtOnce())
      took.push(performance.now() - begun)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    const text = await attack
    // eslint-disable-next-line no-control-regex -- it writes in colours
    const plain = text.replace(/\u001b\[[0-9;]*m/g, '')
    assert.match(plain, /service available:\s+YES/, plain.slice(-2000))
    t.diagnostic(`service available: YES; ${statuses.length} calls meanwhile, the slowest ${ms(Math.max(...took))}`)
    assert.ok(statuses.length > 5)
    assert.deepEqual(new Set(statuses), new Set([200]))
    assert.equal(await answersAtOnce(), 200)
  })
}

test('200 half-open connections do not keep a valid call from its answer', async (t) => {
  const idle = await Promise.all(Array.from({ length: 200 }, () => rawConnection(service.address)))
  try {
    for (const { socket } of idle) socket.write('POST /admin HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
    const begun = performance.now()
    assert.equal(await answersAtOnce(), 200)
    t.diagnostic(`answered after ${ms(performance.now() - begun)} with 200 half-open connections`)
  } finally {
    for (const { socket } of idle) socket.destroy()
  }
})

test(`wrk on /healthz: more than ${RATE} requests a second, none fails, memory does not grow`, async (t) => {
  await load(4)
  const before = resident()
  const text = await load(12)
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])
  const growth = resident() - before
  t.diagnostic(`${rate} requests a second, memory ${Math.round(before / 1e6)} MB, ${Math.round(growth / 1e6)} MB more`)
  assert.ok(rate > RATE, text)
  assert.ok(!/Non-2xx|Socket errors/.test(text), text)
  assert.ok(growth < MAX_GROWTH, `${growth} bytes more`)
})
