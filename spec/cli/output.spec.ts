// Covers main.ts too: the command line as a process whose output or terminal goes away.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { describe, test } from 'node:test'

import { textAt } from '../../lib/base/json.ts'
import { createLog } from '../../lib/cli/log.ts'
import { isReaderGone, outliveReader } from '../../lib/cli/output.ts'
import type { ModelImage } from '../../lib/testing/model/index.ts'
import { APP, setStage, version, type Stage } from '../support/stage.ts'

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Version that the container runs in the end, and whether it runs. */
  readonly runs: string
}

interface Circumstances {
  /** Seconds. */
  readonly stableFor?: number
  readonly onCall?: (path: string, kill: (signal: NodeJS.Signals) => void) => void
}

type Outlet = 'pipe' | 'closed' | number

/** Moves one container to version 2 by `dockline refresh` as a process. */
async function refreshAsProcess(
  [stdout, stderr]: readonly [Outlet, Outlet],
  { stableFor = 0, onCall = () => {} }: Circumstances = {},
): Promise<Ended> {
  const image = (number: number): ModelImage => version(number, { config: { Labels: { version: String(number) } } })
  const stage = await setStage({ images: { [APP]: image(1) }, containers: [{ name: 'ws-1', Image: APP }] })
  stage.model.publish(APP, image(2))
  await using listening = await stage.model.listen()
  const what = ['--image', APP, '--name', 'ws-1', '--stable-for', String(stableFor)]
  const args = ['--import', 'tsx', 'lib/cli/main.ts', 'refresh', ...what]
  const stdio = ['ignore', ...[stdout, stderr].map((outlet) => (outlet === 'closed' ? 'pipe' : outlet))] as const
  const child = spawn(process.execPath, args, {
    stdio: [...stdio],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', DOCKER_HOST: listening.host },
  })
  stage.model.faults = ({ path }) => {
    onCall(path, (signal) => void child.kill(signal))
    return undefined
  }
  const text = { stdout: '', stderr: '' }
  for (const [name, outlet] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    if (outlet === 'closed') child[name]?.destroy()
    else child[name]?.setEncoding('utf8').on('data', (chunk: string) => void (text[name] += chunk))
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...text, runs: runsOf(stage) }
}

function runsOf({ container, names }: Stage): string {
  const one = container('ws-1')
  return `${names().join()} ${one?.status} ${textAt(one?.labels, 'version')}`
}

const MOVED = 'ws-1 running 2'
const STAYED = 'ws-1 running 1'

describe('the command line as a process', { concurrency: true }, () => {
  test('a reader that left ends nothing: refresh 2>&1 | head -1', async () => {
    const { code, runs } = await refreshAsProcess(['closed', 'closed'])
    assert.equal(runs, MOVED)
    assert.equal(code, 0)
  })

  test('progress on a full disk ends nothing, and the result is printed', async () => {
    const full = openSync('/dev/full', 'w')
    const { code, stdout, runs } = await refreshAsProcess(['pipe', full])
    closeSync(full)
    assert.equal(runs, MOVED)
    assert.match(stdout, /ws-1 {2}replaced/)
    assert.equal(code, 0)
  })

  test('a result on a full disk is exit 1 with the reason, and the container has moved', async () => {
    const full = openSync('/dev/full', 'w')
    const { code, stderr, runs } = await refreshAsProcess([full, 'pipe'])
    closeSync(full)
    assert.equal(runs, MOVED)
    assert.match(stderr, /the result could not be written to stdout \(ENOSPC\)/)
    assert.equal(code, 1)
  })

  test('SIGHUP of a dropped session ends at a safe point, also when it comes twice', async () => {
    const { code, runs } = await refreshAsProcess(['closed', 'closed'], {
      stableFor: 60,
      onCall: (path, kill) => {
        if (path.endsWith('/stop') || path.endsWith('/rename')) kill('SIGHUP')
      },
    })
    assert.equal(runs, STAYED)
    assert.equal(code, 130)
  })
})

/** A stream that may fail to write and goes on, as `process.stderr` does. */
function failingStream(): { stream: NodeJS.WritableStream; lines: string[]; fail: (code: string | undefined) => void } {
  let code: string | undefined
  const lines: string[] = []
  const events = new EventEmitter()
  const write = (text: string, done: () => void = () => {}): boolean => {
    if (code === undefined) lines.push(text)
    else events.emit('error', Object.assign(new Error('write failed'), { code }))
    done()
    return true
  }
  const stream = Object.assign(events, { write }) as unknown as NodeJS.WritableStream
  return { stream, lines, fail: (how) => void (code = how) }
}

test('what was lost is told by the first error', async () => {
  const { stream, fail } = failingStream()
  const delivery = outliveReader(stream)
  stream.write('kept')
  assert.equal(await delivery.lost(), undefined)
  for (const code of ['ENOSPC', 'EIO']) {
    fail(code)
    stream.write('lost')
  }
  assert.equal(await delivery.lost(), 'ENOSPC')
})

test('only a reader that left of its own will misses nothing', () => {
  assert.deepEqual(['EPIPE', 'ENOSPC', 'EIO'].map(isReaderGone), [true, false, false])
})

test('a log on a full disk goes on when there is room again', () => {
  const { stream, lines, fail } = failingStream()
  outliveReader(stream)
  const log = createLog(stream)
  fail('ENOSPC')
  log.info('lost')
  fail(undefined)
  log.info('kept')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['kept'],
  )
})
