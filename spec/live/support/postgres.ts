import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A PostgreSQL of its own on loopback, from Debian's packages. */
export interface LivePostgres extends AsyncDisposable {
  readonly url: string
  /** Starts it again after `kill`. */
  start(): Promise<void>
  /** Kills it as a power cut would. */
  kill(): Promise<void>
}

export async function startPostgres(): Promise<LivePostgres> {
  const bin = binaries()
  const dir = mkdtempSync(join(tmpdir(), 'postgres-'))
  const data = join(dir, 'data')
  mkdirSync(data, { mode: 0o700 })
  const user = owner()
  if (user !== undefined) for (const path of [dir, data]) chownSync(path, user.uid, user.gid)
  const as = { ...user, cwd: dir, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } }
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'platform', '-A', 'trust', '--no-sync'], {
    ...as,
    stdio: 'ignore',
  })
  const port = await freePort()
  let child: ChildProcess | undefined

  const start = async (): Promise<void> => {
    for (let tries = 0; tries < 60; tries++) {
      const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', dir, '-c', 'fsync=off']
      const server = spawn(join(bin, 'postgres'), args, { ...as, stdio: 'ignore' })
      for (let looks = 0; looks < 50 && server.exitCode === null; looks++) {
        if (isReady(bin, port)) {
          child = server
          return
        }
        await sleep(100)
      }
      // The last backends of one that was killed hold its memory for a moment.
      await sleep(250)
    }
    throw new Error('PostgreSQL did not start')
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    child = undefined
  }
  await start()
  return {
    url: `postgres://platform@127.0.0.1:${port}/postgres`,
    start,
    kill: () => kill(),
    [Symbol.asyncDispose]: async () => {
      await kill('SIGINT')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function binaries(): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : []
  if (versions[0] === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  return join(root, versions[0], 'bin')
}

// It refuses to run as root.
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
}

function isReady(bin: string, port: number): boolean {
  try {
    execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q'])
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
