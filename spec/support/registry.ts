import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const CONFIG = 'application/vnd.docker.container.image.v1+json'
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip'

export interface Login {
  readonly username: string
  readonly password: string
}

/** A registry with password auth, over plain HTTP on loopback. */
export class TestRegistry implements AsyncDisposable {
  readonly host: string
  readonly login: Login
  readonly #stop: () => Promise<void>
  readonly #pushed: string[] = []

  constructor(host: string, login: Login, stop: () => Promise<void> = () => Promise.resolve()) {
    this.host = host
    this.login = login
    this.#stop = stop
  }

  /** Pushes an image of these layers (tars), without any engine. Gives the digests of the layers. */
  async push(repository: string, tag: string, layers: readonly Buffer[], config: object): Promise<string[]> {
    const blobs = await Promise.all(layers.map((tar) => this.#blob(repository, gzipSync(tar))))
    const image = {
      architecture: 'amd64',
      os: 'linux',
      created: '2024-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: layers.map((tar) => sha256(tar)) },
      history: layers.map((_, i) => ({ created: '2024-01-01T00:00:00Z', created_by: `layer ${i + 1}` })),
    }
    const configBlob = await this.#blob(repository, Buffer.from(JSON.stringify(image)))
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, ...configBlob },
      layers: blobs.map((blob) => ({ mediaType: LAYER, ...blob })),
    })
    await this.#call('PUT', `${repository}/manifests/${tag}`, Buffer.from(manifest), { 'content-type': MANIFEST })
    this.#pushed.push(`${repository}/manifests/${sha256(Buffer.from(manifest))}`)
    return blobs.map(({ digest }) => digest)
  }

  /** Loses a layer: a pull of the image fails in its midst. */
  async lose(repository: string, digest: string): Promise<void> {
    await this.#call('DELETE', `${repository}/blobs/${digest}`)
  }

  /** Takes back what was pushed, and stops the registry when it was started here. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const manifest of this.#pushed) await this.#call('DELETE', manifest)
    await this.#stop()
  }

  async #blob(repository: string, bytes: Buffer): Promise<{ digest: string; size: number }> {
    const digest = sha256(bytes)
    const started = await this.#call('POST', `${repository}/blobs/uploads/`)
    const location = new URL(started.headers.get('location') as string, `http://${this.host}`)
    location.searchParams.set('digest', digest)
    await this.#call('PUT', location, bytes, { 'content-type': 'application/octet-stream' })
    return { digest, size: bytes.length }
  }

  async #call(method: string, path: string | URL, body?: Buffer, headers: object = {}): Promise<Response> {
    const url = typeof path === 'string' ? `http://${this.host}/v2/${path}` : path
    const basic = Buffer.from(`${this.login.username}:${this.login.password}`).toString('base64')
    const init = { method, headers: { ...headers, authorization: `Basic ${basic}` } }
    const response = await fetch(url, body === undefined ? init : { ...init, body: new Uint8Array(body) })
    if (!response.ok) throw new Error(`registry: ${response.status} to ${method} ${String(url)}`)
    return response
  }
}

/** Starts Debian's `docker-registry` on a free port of loopback, with one login. */
export async function startRegistry(login: Login): Promise<TestRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-registry-'))
  const { stdout: htpasswd } = spawnSync('htpasswd', ['-Bbn', login.username, login.password], { encoding: 'utf8' })
  await writeFile(join(dir, 'htpasswd'), htpasswd)
  const host = `127.0.0.1:${await freePort()}`
  await writeFile(
    join(dir, 'config.yml'),
    JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
      http: { addr: host },
      auth: { htpasswd: { realm: 'test', path: join(dir, 'htpasswd') } },
    }),
  )
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill()
    await exited
    await rm(dir, { recursive: true })
  }
  await answering(`http://${host}/v2/`)
  return new TestRegistry(host, login, stop)
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`no registry at ${url}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
