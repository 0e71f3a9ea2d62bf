import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Agent, request } from 'undici'

import { AUTHORITY, SERVER } from '../../support/registry-server.ts'
import { LOGIN, serveTokens, type TokenService } from './token-server.ts'

/** One of Debian's `docker-registry`, started for a spec. */
export interface LiveRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string
  readonly origin: string
  readonly user: string
  readonly password: string
  /** Directory with `ca.crt`, for skopeo's --cert-dir. */
  readonly certificates: string
  readonly tokens: TokenService | undefined
}

export type RegistryForm = 'open' | 'password' | 'token'

/**
 * Starts a registry: with a password file, open, or with signed tokens behind TLS with a CA of its own. At a free port, or
 * at `LIVE_REGISTRY_PORT`: podman speaks plain HTTP only to registries that its configuration names.
 */
export async function startRegistry(form: RegistryForm = 'password'): Promise<LiveRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'dockline-registry-'))
  const host = `127.0.0.1:${process.env['LIVE_REGISTRY_PORT'] ?? (await freePort())}`
  const tokens = form === 'token' ? await serveTokens(host) : undefined
  const certificates = join(folder, 'trust') // skopeo takes any other file beside it for a client certificate
  mkdirSync(certificates)
  writeFileSync(join(certificates, 'ca.crt'), AUTHORITY.cert)
  const config = configOf(folder, host, form, tokens)
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config)) // JSON is YAML
  const child = spawn('docker-registry', ['serve', join(folder, 'config.json')], { stdio: 'ignore' })
  const registry: LiveRegistry = {
    host,
    origin: `${form === 'token' ? 'https' : 'http'}://${host}`,
    user: LOGIN.username,
    password: LOGIN.password,
    certificates,
    tokens,
    [Symbol.asyncDispose]: async () => {
      await stopped(child)
      await tokens?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await answers(child, registry)
  return registry
}

function configOf(folder: string, host: string, form: RegistryForm, tokens: TokenService | undefined): object {
  const base = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
  }
  if (form === 'open') return { ...base, http: { addr: host } }
  if (form === 'password') {
    const path = join(folder, 'htpasswd')
    writeFileSync(path, execFileSync('htpasswd', ['-Bbn', LOGIN.username, LOGIN.password]))
    return { ...base, http: { addr: host }, auth: { htpasswd: { realm: 'dockline', path } } }
  }
  const [certificate, key, bundle] = ['server.crt', 'server.key', 'tokens.crt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(certificate, SERVER.cert)
  writeFileSync(key, SERVER.key)
  writeFileSync(bundle, tokens?.certificate ?? '')
  const token = { realm: tokens?.realm, service: host, issuer: tokens?.issuer, rootcertbundle: bundle }
  return { ...base, http: { addr: host, tls: { certificate, key } }, auth: { token } }
}

// The registry takes no port 0 that it would tell: a free one is looked for.
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

async function answers(child: ChildProcess, { origin }: LiveRegistry): Promise<void> {
  let failure: unknown
  child.once('error', (error) => (failure = error))
  for (let i = 0; i < 100; i++) {
    try {
      const { body } = await request(`${origin}/v2/`, { dispatcher: trustingAgent })
      await body.dump()
      return
    } catch {
      if (failure !== undefined) throw new Error('docker-registry does not start', { cause: failure })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error('docker-registry does not answer')
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}

/** Trusts the CA of the specs. */
export const trustingAgent: Agent = new Agent({ connect: { ca: AUTHORITY.cert } })
