import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { RefreshReport } from '../../../lib/refresh/report.ts'
import { leaks } from '../../support/canary.ts'
import { builtCli } from './built-cli.ts'
import type { LiveRegistry } from './registry.ts'

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A dockline process. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
}

/** Starts the command line, `under` a program that starts others, for instance `setpriv`. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  under: readonly string[] = [],
): Running {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GHCR_') && name !== 'NODE_TEST_CONTEXT'),
  )
  const [command, ...rest] = [...under, process.execPath, builtCli(), ...args] as [string, ...string[]]
  const child = spawn(command, rest, {
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (out.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (out.stderr += text))
  const ended = once(child, 'close').then(([code, signal]) => {
    assert.deepEqual(leaks(out.stdout + out.stderr), [], 'a secret was printed')
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, ...out }
  })
  return { child, ended }
}

/** Runs the command line to its end. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  return startCli(args, env).ended
}

/** The report that `--json` printed. */
export function reportOf({ stdout, stderr }: Ran): RefreshReport {
  try {
    return JSON.parse(stdout) as RefreshReport
  } catch {
    throw new Error(`not a report: ${stdout}\n${stderr}`)
  }
}

/** A docker `config.json` with a login, in a directory fit for `DOCKER_CONFIG`. */
export function dockerConfig({ host, user }: LiveRegistry, password: string): Disposable & { readonly dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'docker-config-'))
  const auth = Buffer.from(`${user}:${password}`).toString('base64')
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 })
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}
