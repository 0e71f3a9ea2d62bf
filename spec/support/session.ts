import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'

import type { Session } from '../../lib/cli/session.ts'
import { leaks } from './canary.ts'

/** A session of the command line whose output is kept. */
export interface TestSession extends Session {
  /** What was printed so far. */
  printed(): { stdout: string; stderr: string }
}

export function testSession(env: Session['env'] = {}, signal: AbortSignal = new AbortController().signal): TestSession {
  const [stdout, stderr] = [collector(), collector()]
  return {
    env,
    stdout: stdout.stream,
    stderr: stderr.stream as unknown as NodeJS.WriteStream,
    signal,
    printed: () => {
      const printed = { stdout: stdout.text(), stderr: stderr.text() }
      assert.deepEqual(leaks(printed.stdout + printed.stderr), [], 'a secret was printed')
      return printed
    },
  }
}

function collector(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough()
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { stream, text: () => Buffer.concat(chunks).toString() }
}
