import { connect, type Docker } from '../../lib/engine/connect.ts'
import { tar } from '../../lib/engine/tar.ts'
import { untar } from '../../lib/engine/untar.ts'
import { serve } from '../../lib/testing/serve.ts'
import { jsonReply, type ServedReply, type ServedRequest } from '../../lib/testing/served.ts'

/** A file in a volume. */
export interface SmallFile {
  content: string
  mode: number
  uid: number
  gid: number
  /** Anything but a regular file. */
  link?: boolean
}

export interface SmallContainer {
  id: string
  name: string
  body: SmallBody
  platform: string | null
  state: 'created' | 'running' | 'exited'
  created: number
}

interface SmallBody {
  Image: string
  Env?: string[]
  Labels?: Record<string, string>
  HostConfig?: {
    NetworkMode?: string
    Mounts?: { Type: string; Source: string; Target: string }[]
    PortBindings?: Record<string, { HostIp: string; HostPort: string }[]>
    [setting: string]: unknown
  }
  [setting: string]: unknown
}

export interface SmallVolume {
  labels: Record<string, string>
  createdAt: string
  files: Map<string, SmallFile>
}

/** What to do with a request in the place of the engine's own answer; `pass` lets the engine answer. */
export type Intercept = (request: ServedRequest) => Promise<ServedReply | undefined | 'pass'> | 'pass'

/** The part of an engine that workspaces use, in memory, behind a real socket. */
export interface SmallEngine extends AsyncDisposable {
  readonly docker: Docker
  readonly host: string
  readonly containers: Map<string, SmallContainer>
  readonly volumes: Map<string, SmallVolume>
  /** References that the engine has. */
  readonly images: Set<string>
  /** References that can be pulled. */
  readonly registry: Set<string>
  /** `METHOD path` of each request so far, without those that ask for the version. */
  readonly calls: string[]
  /** Credential headers of pulls. */
  readonly auths: (string | undefined)[]
  intercept: Intercept
  info: Record<string, unknown>
  /** Adds a container as if another program had made it. */
  add(name: string, container?: Partial<Omit<SmallContainer, 'body'>> & { body?: Partial<SmallBody> }): SmallContainer
  addVolume(name: string, labels?: Record<string, string>, createdAt?: string): SmallVolume
}

const INFO = {
  ID: 'small',
  Name: 'small',
  ServerVersion: '28',
  Driver: 'overlay2',
  OSType: 'linux',
  Architecture: 'x86_64',
  OperatingSystem: 'Debian',
  KernelVersion: '6.1.0',
  Containers: 0,
  ContainersRunning: 0,
  ContainersPaused: 0,
  ContainersStopped: 0,
  Images: 0,
  NCPU: 2,
  MemTotal: 1,
}

const passAll: Intercept = () => 'pass'

export async function smallEngine(): Promise<SmallEngine> {
  let serial = 0
  const engine = {
    containers: new Map<string, SmallContainer>(),
    volumes: new Map<string, SmallVolume>(),
    images: new Set<string>(['ghcr.io/molecule-ai/workspace-template-langgraph:latest']),
    registry: new Set<string>(),
    calls: [] as string[],
    auths: [] as (string | undefined)[],
    intercept: passAll,
    info: { ...INFO } as Record<string, unknown>,
    add(name: string, container: Partial<Omit<SmallContainer, 'body'>> & { body?: Partial<SmallBody> } = {}) {
      const id = (++serial).toString(16).padStart(64, '0')
      const body = { Image: 'some', ...container.body }
      const made = { id, name, platform: null, state: 'running' as const, created: 1_700_000_000, ...container, body }
      engine.containers.set(name, made)
      return made
    },
    addVolume(name: string, labels: Record<string, string> = {}, createdAt = '2023-11-14T22:13:20Z') {
      const volume = { labels, createdAt, files: new Map<string, SmallFile>() }
      engine.volumes.set(name, volume)
      return volume
    },
  }
  const served = await serve(async (request) => {
    if (request.path === '/_ping') return reply(200, Buffer.from('OK'), ['Api-Version', '1.45'])
    engine.calls.push(`${request.method} ${request.path}`)
    const intercepted = await engine.intercept(request)
    return intercepted === 'pass' ? answer(engine as unknown as SmallEngine, request) : intercepted
  })
  const docker = await connect({ host: served.host, env: {}, validate: 'strict' })
  const close = async (): Promise<void> => {
    await docker.close()
    await served.close()
  }
  return Object.assign(engine, { docker, host: served.host, [Symbol.asyncDispose]: close })
}

/** An error in the engine's manner. */
export function engineError(status: number, message: string): ServedReply {
  return jsonReply(status, { message })
}

function reply(status: number, body: Uint8Array, headers: string[] = []): ServedReply {
  async function* once() {
    yield body
  }
  return { status, headers, body: once() }
}

const NO_CONTENT: Uint8Array = new Uint8Array()

async function answer(engine: SmallEngine, request: ServedRequest): Promise<ServedReply> {
  const { method, path } = request
  const query = new URLSearchParams(request.query)
  const [, kind = '', ...rest] = path.split('/')
  if (path === '/info') return jsonReply(200, engine.info)
  if (kind === 'containers') return containerCall(engine, request, method, rest.map(decodeURIComponent), query)
  if (kind === 'volumes') return volumeCall(engine, request, method, rest.map(decodeURIComponent), query)
  if (kind === 'images') return imageCall(engine, request, method, path, query)
  return engineError(404, 'page not found')
}

async function containerCall(
  engine: SmallEngine,
  request: ServedRequest,
  method: string,
  [name = '', verb = '']: string[],
  query: URLSearchParams,
): Promise<ServedReply> {
  if (name === 'json') return jsonReply(200, listContainers(engine, query))
  if (name === 'create') return createContainer(engine, request, query)
  const container = [...engine.containers.values()].find((one) => one.name === name || one.id === name)
  if (container === undefined) return engineError(404, `No such container: ${name}`)
  if (method === 'DELETE') {
    engine.containers.delete(container.name)
    return reply(204, NO_CONTENT)
  }
  if (verb === 'json') return jsonReply(200, inspection(container))
  if (verb === 'start') {
    container.state = 'running'
    return reply(204, NO_CONTENT)
  }
  if (verb === 'logs')
    return reply(200, frame('hello\n'), ['Content-Type', 'application/vnd.docker.multiplexed-stream'])
  if (verb === 'archive') return archiveCall(engine, container, request, query.get('path') ?? '')
  return engineError(404, 'page not found')
}

async function createContainer(
  engine: SmallEngine,
  request: ServedRequest,
  query: URLSearchParams,
): Promise<ServedReply> {
  const body = JSON.parse(request.body.toString()) as SmallBody
  const name = query.get('name') ?? `helper-${engine.calls.length}`
  if (engine.containers.has(name)) return engineError(409, `Conflict. The container name "/${name}" is already in use`)
  if (!engine.images.has(body.Image)) return engineError(404, `No such image: ${body.Image}`)
  for (const { Type, Source } of body.HostConfig?.Mounts ?? [])
    if (Type === 'volume' && !engine.volumes.has(Source)) engine.addVolume(Source)
  const { id } = engine.add(name, { body, platform: query.get('platform'), state: 'created' })
  return jsonReply(201, { Id: id, Warnings: [] })
}

async function archiveCall(
  engine: SmallEngine,
  container: SmallContainer,
  request: ServedRequest,
  path: string,
): Promise<ServedReply> {
  const mount = container.body.HostConfig?.Mounts?.find(
    ({ Target }) => path === Target || path.startsWith(`${Target}/`),
  )
  const files = engine.volumes.get(mount?.Source ?? '')?.files
  if (files === undefined || mount === undefined) return engineError(404, `Could not find the file ${path}`)
  if (request.method === 'PUT') {
    for await (const entry of untar(once(request.body))) {
      if (entry.type === 'directory') continue
      const { mode, uid, gid } = entry
      files.set(entry.name, { content: await entry.content.text(), mode, uid, gid })
    }
    return reply(200, NO_CONTENT)
  }
  const name = path.slice(mount.Target.length + 1)
  const file = files.get(name)
  if (file === undefined) return engineError(404, `Could not find the file ${path} in container`)
  const stat = {
    name,
    size: file.content.length,
    mode: file.link === true ? 0x8000000 | file.mode : file.mode,
    mtime: '2023-11-14T22:13:20Z',
    linkTarget: file.link === true ? '/etc/passwd' : '',
  }
  const header = ['X-Docker-Container-Path-Stat', Buffer.from(JSON.stringify(stat)).toString('base64')]
  if (request.method === 'HEAD') return reply(200, NO_CONTENT, header)
  const { content, mode, uid, gid } = file
  return {
    status: 200,
    headers: [...header, 'Content-Type', 'application/x-tar'],
    body: tar([{ name, content, mode, uid, gid }]),
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

function frame(text: string): Uint8Array {
  const head = Buffer.alloc(8)
  head[0] = 1
  head.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([head, Buffer.from(text)])
}

function listContainers(engine: SmallEngine, query: URLSearchParams): object[] {
  const filters = JSON.parse(query.get('filters') ?? '{}') as { name?: string[]; label?: string[] }
  return [...engine.containers.values()]
    .filter(({ name }) => (filters.name ?? ['']).some((part) => name.includes(part)))
    .filter(({ body }) => hasLabels(body.Labels, filters.label))
    .map(({ id, name, body, state, created }) => ({
      Id: id,
      Names: [`/${name}`],
      Image: body.Image,
      ImageID: 'sha256:0',
      Command: '',
      Created: created,
      State: state,
      Status: state,
      Labels: body.Labels ?? {},
    }))
}

function hasLabels(labels: Readonly<Record<string, string>> = {}, wanted: readonly string[] = []): boolean {
  return wanted.every((pair) => labels[pair.split('=')[0] ?? ''] === pair.split('=')[1])
}

function inspection({ id, name, body, state, created }: SmallContainer): object {
  const published = Object.entries(body.HostConfig?.PortBindings ?? {}).map(([port, bindings]) => [
    port,
    state === 'running' ? bindings.map(({ HostIp }) => ({ HostIp, HostPort: '32768' })) : [],
  ])
  return {
    Id: id,
    Name: `/${name}`,
    Path: '',
    Args: [],
    Created: new Date(created * 1000).toISOString(),
    Image: 'sha256:0',
    RestartCount: 0,
    Platform: 'linux',
    State: {
      Status: state,
      Running: state === 'running',
      Paused: false,
      Restarting: false,
      Dead: false,
      OOMKilled: false,
      Pid: 1,
      ExitCode: 0,
      Error: '',
      StartedAt: '',
      FinishedAt: '',
    },
    Config: { Hostname: '', Image: body.Image, Env: body.Env ?? [], Labels: body.Labels ?? {}, Tty: false },
    HostConfig: {
      NetworkMode: body.HostConfig?.NetworkMode ?? 'bridge',
      IpcMode: 'private',
      PidMode: '',
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      PortBindings: {},
      Memory: 0,
      NanoCpus: 0,
      Privileged: false,
    },
    Mounts: [],
    NetworkSettings: { Networks: {}, Ports: Object.fromEntries(published) },
  }
}

function volumeView(volume: string, { labels, createdAt }: SmallVolume): object {
  return {
    Name: volume,
    Driver: 'local',
    Mountpoint: `/var/lib/${volume}`,
    Scope: 'local',
    CreatedAt: createdAt,
    Labels: labels,
    Options: {},
  }
}

function volumeCall(
  engine: SmallEngine,
  request: ServedRequest,
  method: string,
  [name = '']: string[],
  query: URLSearchParams,
): ServedReply {
  if (name === '') {
    const { label } = JSON.parse(query.get('filters') ?? '{}') as { label?: string[] }
    const found = [...engine.volumes].filter(([, { labels }]) => hasLabels(labels, label))
    return jsonReply(200, { Volumes: found.map(([volume, about]) => volumeView(volume, about)), Warnings: [] })
  }
  if (name === 'create') {
    const { Name, Labels } = JSON.parse(request.body.toString()) as { Name: string; Labels: Record<string, string> }
    const volume = engine.volumes.get(Name) ?? engine.addVolume(Name, Labels)
    return jsonReply(201, volumeView(Name, volume))
  }
  const volume = engine.volumes.get(name)
  if (method !== 'DELETE')
    return volume === undefined
      ? engineError(404, `get ${name}: no such volume`)
      : jsonReply(200, volumeView(name, volume))
  const user = [...engine.containers.values()].find(({ body }) =>
    body.HostConfig?.Mounts?.some(({ Source }) => Source === name),
  )
  if (user !== undefined) return engineError(409, `remove ${name}: volume is in use - [${user.id}]`)
  engine.volumes.delete(name)
  return reply(204, NO_CONTENT)
}

function imageCall(
  engine: SmallEngine,
  request: ServedRequest,
  method: string,
  path: string,
  query: URLSearchParams,
): ServedReply {
  if (path === '/images/json')
    return jsonReply(
      200,
      [...engine.images].map((Id) => ({
        Id,
        ParentId: '',
        RepoTags: [Id],
        RepoDigests: [],
        Created: 0,
        Size: 1,
        SharedSize: -1,
        Containers: -1,
        Labels: {},
      })),
    )
  if (method === 'POST') {
    const ref = `${query.get('fromImage')}:${query.get('tag')}`
    engine.auths.push(request.headers['x-registry-auth'] as string | undefined)
    if (!engine.registry.has(ref)) return engineError(404, `manifest for ${ref} not found: manifest unknown`)
    engine.images.add(ref)
    return reply(200, Buffer.from('{"status":"Status: Downloaded newer image"}\n'), [
      'Content-Type',
      'application/json',
    ])
  }
  const name = path.slice('/images/'.length, -'/json'.length)
  if (!engine.images.has(name)) return engineError(404, `No such image: ${name}`)
  return jsonReply(200, {
    Id: `sha256:${name}`,
    RepoTags: [name],
    RepoDigests: [],
    Architecture: 'amd64',
    Os: 'linux',
    Size: 1,
    Config: {},
  })
}
