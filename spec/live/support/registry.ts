import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { LIVE_PASSWORD } from '../../support/canary.ts'

export interface LiveRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string
  readonly user: string
  readonly password: string
}

/**
 * Starts Debian's docker-registry on loopback, with a password, on a directory of its own. At a free port, or at
 * `LIVE_REGISTRY_PORT`: podman speaks plain HTTP only to registries that its configuration names.
 */
export async function startRegistry(): Promise<LiveRegistry> {
  const dir = mkdtempSync(join(tmpdir(), 'registry-'))
  const [user, password] = ['release', LIVE_PASSWORD]
  const port = Number(process.env['LIVE_REGISTRY_PORT'] ?? (await freePort()))
  execFileSync('htpasswd', ['-Bbc', join(dir, 'htpasswd'), user, password], { stdio: 'ignore' })
  const config = {
    version: '0.1',
    storage: { filesystem: { rootdirectory: join(dir, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
    auth: { htpasswd: { realm: 'live', path: join(dir, 'htpasswd') } },
    log: { level: 'error' },
  }
  writeFileSync(join(dir, 'config.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' })
  const failed = once(child, 'error').then(([error]) => {
    throw error as Error
  })
  await Promise.race([answers(`http://127.0.0.1:${port}/v2/`), failed])
  failed.catch(() => {})
  return {
    host: `127.0.0.1:${port}`,
    user,
    password,
    [Symbol.asyncDispose]: async () => {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const up = await fetch(url).then(
      () => true,
      () => false,
    )
    if (up) return
    await sleep(100)
  }
  throw new Error(`${url} did not answer within 10 s`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
