#!/usr/bin/env node
import { readFileSync } from 'node:fs'

import { CommanderError } from 'commander'

import { isDockerError, messageOf } from '../base/errors.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import { createProgram } from './program.ts'

const stop = new AbortController()
const session = { env: process.env, stdout: process.stdout, stderr: process.stderr, signal: stop.signal }

// The first signal ends at a safe point; the second one at once, and "dockline recover" mends what that leaves.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted)
    process.stderr.write('stopping at the next safe point; once more stops at once\n')
    stop.abort(new Error(name))
  })
}

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
const json = process.argv.includes('--json')

try {
  const program = createProgram(session, version, (code) => {
    process.exitCode = code
  })
  await program.parseAsync()
} catch (error) {
  process.exitCode = fail(error)
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const code = isDockerError(error) ? error.code : 'UNEXPECTED'
  process.stderr.write(`dockline: ${messageOf(error)}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message: messageOf(error) } })}\n`)
  return exitCodeOf(error)
}
