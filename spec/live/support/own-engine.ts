import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { connect } from '../../../lib/engine/connect.ts'

/** A dockerd of the spec's own, which may be killed. */
export interface OwnEngine extends AsyncDisposable {
  readonly host: string
  /** SIGKILL, as of a crash: its containers live on until it is back, and are ended then. Resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again, and does not wait for it. */
  start(): void
  /** Resolves when it answers. */
  up(): Promise<void>
}

/** Starts a dockerd with state, socket and bridge of its own. Needs root and the program. */
export async function startOwnEngine(): Promise<OwnEngine> {
  const home = mkdtempSync(join(tmpdir(), 'own-engine-'))
  const bridge = `dls${process.pid % 100_000}`
  const net = freeNet()
  ip('link', 'add', bridge, 'type', 'bridge')
  ip('addr', 'add', `10.${net}.0.1/24`, 'dev', bridge)
  ip('link', 'set', bridge, 'up')
  const host = `unix://${home}/docker.sock`
  const log = openSync(join(home, 'log'), 'a')
  const folders = ['--data-root', `${home}/data`, '--exec-root', `${home}/exec`, '--pidfile', `${home}/pid`]
  const network = ['--bridge', bridge, '--iptables=false', '--ip6tables=false', '--ip-masq=false']
  const args = ['--host', host, ...folders, ...network]
  let child: ChildProcess | undefined
  const start = (): void => {
    rmSync(`${home}/pid`, { force: true })
    child = spawn('dockerd', args, { stdio: ['ignore', log, log] })
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  // Its containerd dies with it. Where nobody reaps that one, the next dockerd would take it for alive by its pid.
  const kill = async (): Promise<void> => {
    await end('SIGKILL')
    endContainerd(home)
  }
  const up = async (): Promise<void> => {
    for (let tries = 0; ; tries++) {
      // Not `await using`: where that is compiled away, the error of one round may be thrown again in the next.
      const docker = await connect({ host })
      try {
        await docker.ping()
        return
      } catch (error) {
        if (tries === 300)
          throw new Error(`dockerd does not answer: ${readFileSync(join(home, 'log'), 'utf8').slice(-2000)}`, {
            cause: error,
          })
        await delay(200)
      } finally {
        await docker.close()
      }
    }
  }
  const dispose = async (): Promise<void> => {
    await end('SIGTERM')
    endContainerd(home)
    for (const path of mounts(home)) execFileSync('umount', [path])
    ip('link', 'del', bridge)
    rmSync(home, { recursive: true, force: true })
  }
  start()
  await up()
  return { host, start, up, kill, [Symbol.asyncDispose]: dispose }
}

// The one that a dockerd started, which may outlive a kill of it.
function endContainerd(home: string): void {
  const file = `${home}/exec/containerd/containerd.pid`
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    if (pid > 1) process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended with its dockerd
  }
  rmSync(file, { force: true })
}

function mounts(home: string): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${home}/`))
    .toReversed()
}

// Whoever has a net already keeps it.
function freeNet(): number {
  const used = execFileSync('ip', ['-4', 'addr'], { encoding: 'utf8' })
  for (let net = 120; net < 200; net++) if (!used.includes(` 10.${net}.`)) return net
  throw new Error('no net is free')
}

function ip(...args: string[]): void {
  execFileSync('ip', args)
}
