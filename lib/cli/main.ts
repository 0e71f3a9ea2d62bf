#!/usr/bin/env node
import { readFileSync } from 'node:fs'

import { CommanderError } from 'commander'

import { isDockerError, messageOf } from '../base/errors.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import { isReaderGone, outliveReader } from './output.ts'
import { createProgram } from './program.ts'
import { stopOnSignals } from './signals.ts'

const result = outliveReader(process.stdout)
outliveReader(process.stderr)
const signal = stopOnSignals(process, (text) => process.stderr.write(text))
const session = { env: process.env, stdout: process.stdout, stderr: process.stderr, signal }

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
const lost = await result.lost()
if (lost !== undefined && !isReaderGone(lost)) {
  process.stderr.write(`dockline: the result could not be written to stdout (${lost}); what was done stays done\n`)
  process.exitCode ||= EXIT.failed
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const code = isDockerError(error) ? error.code : 'UNEXPECTED'
  process.stderr.write(`dockline: ${messageOf(error)}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message: messageOf(error) } })}\n`)
  return exitCodeOf(error)
}
