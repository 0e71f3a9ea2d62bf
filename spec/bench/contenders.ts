import { createRequire } from 'node:module'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

import { Pool } from 'undici'

import type { connect } from '../../lib/engine/connect.ts'
import type { Chunking, LogKind } from './fixture.ts'

/** Who is measured, and what it can do. Streams give what they counted. */
export interface Contender {
  readonly name: string
  ping(): Promise<unknown>
  inspect(id: string): Promise<unknown>
  list(): Promise<unknown>
  /** Lines of the pull. */
  pull(chunking: Chunking): Promise<number>
  /** Bytes of output; raw contenders only read the socket. */
  logs(kind: LogKind, chunking: Chunking, times?: number): Promise<number>
  /** Reads a little of an endless log and then stalls, with the connection open. */
  stall(): Promise<unknown>
  close(): Promise<unknown>
}

export const NAMES = ['dockline', 'node:http', 'undici', 'dockerode', '@docker/node-sdk'] as const
export type Name = (typeof NAMES)[number]

/** Where the compiled library is put. */
export const BUILD: string = join(process.cwd(), 'node_modules/.cache/dockline-bench')
/** Where the peers are installed, outside of the project's own tree of packages. */
export const PEERS = 'spec/bench/peers'
const peers = createRequire(join(process.cwd(), PEERS, 'package.json'))

/** @param name one of {@link NAMES} */
export function contender(name: Name, socketPath: string): Promise<Contender> {
  switch (name) {
    case 'dockline':
      return dockline(socketPath)
    case 'node:http':
      return rawHttp(socketPath)
    case 'undici':
      return rawUndici(socketPath)
    case 'dockerode':
      return dockerode(socketPath)
    case '@docker/node-sdk':
      return nodeSdk(socketPath)
    default:
      throw new Error(`nobody is called ${String(name)}`)
  }
}

const STALL = 'large-64k-1000x'

function pullPath(chunking: Chunking): string {
  return `/v1.45/images/create?fromImage=acme%2F${chunking}&tag=latest`
}

function logsPath(id: string): string {
  return `/v1.45/containers/${id}/logs?stdout=1&stderr=1`
}

function logsId(kind: LogKind, chunking: Chunking, times: number): string {
  return `${kind}-${chunking}${times === 1 ? '' : `-${times}x`}`
}

async function dockline(socketPath: string): Promise<Contender> {
  const lib = (await import(pathToFileURL(join(BUILD, 'engine/connect.js')).href)) as { connect: typeof connect }
  const docker = await lib.connect({ host: `unix://${socketPath}` })
  return {
    name: 'dockline',
    ping: () => docker.ping(),
    inspect: (id) => docker.containers.inspect(id),
    list: () => docker.containers.list(),
    pull: async (chunking) => {
      let count = 0
      for await (const _ of docker.images.pull(`acme/${chunking}`)) count++
      return count
    },
    logs: async (kind, chunking, times = 1) => {
      let size = 0
      for await (const { data } of docker.containers.logs(logsId(kind, chunking, times))) size += data.length
      return size
    },
    stall: () => docker.containers.logs(STALL)[Symbol.asyncIterator]().next(),
    close: () => docker.close(),
  }
}

async function rawHttp(socketPath: string): Promise<Contender> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const get = (path: string, method = 'GET', own: Agent | false = agent): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      httpRequest({ socketPath, path, method, agent: own }, resolve).on('error', reject).end()
    })
  const text = async (path: string): Promise<string> => {
    const parts: Buffer[] = []
    for await (const part of await get(path)) parts.push(part as Buffer)
    return Buffer.concat(parts).toString()
  }
  return raw(
    'node:http',
    text,
    (path, method) => get(path, method, false),
    async () => agent.destroy(),
  )
}

async function rawUndici(socketPath: string): Promise<Contender> {
  const pool = new Pool('http://docker', { socketPath, connections: 16 })
  const long = new Pool('http://docker', { socketPath })
  const patient = { headersTimeout: 0, bodyTimeout: 0 }
  const text = async (path: string): Promise<string> =>
    (await pool.request({ path, method: 'GET', ...patient })).body.text()
  const open = async (path: string, method: 'GET' | 'POST'): Promise<AsyncIterable<Buffer>> =>
    (await long.request({ path, method, ...patient })).body
  return raw('undici', text, open, () => Promise.all([pool.destroy(), long.destroy()]))
}

function raw(
  name: Name,
  text: (path: string) => Promise<string>,
  open: (path: string, method: 'GET' | 'POST') => Promise<AsyncIterable<Buffer>>,
  close: () => Promise<unknown>,
): Contender {
  return {
    name,
    close,
    ping: () => text('/v1.45/_ping'),
    inspect: async (id) => JSON.parse(await text(`/v1.45/containers/${id}/json`)) as unknown,
    list: async () => JSON.parse(await text('/v1.45/containers/json')) as unknown,
    pull: async (chunking) => {
      let count = 0
      let rest = ''
      for await (const chunk of await open(pullPath(chunking), 'POST')) {
        const lines = (rest + chunk.toString()).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          JSON.parse(line)
          count++
        }
      }
      return count
    },
    logs: async (kind, chunking, times = 1) => {
      let size = 0
      for await (const chunk of await open(logsPath(logsId(kind, chunking, times)), 'GET')) size += chunk.length
      return size
    },
    stall: async () => (await open(logsPath(STALL), 'GET'))[Symbol.asyncIterator]().next(),
  }
}

// Counts bytes; a stalled one takes one piece and never asks for more.
function counter(stalled = false): Writable & { size: number } {
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      counting.size += chunk.length
      if (!stalled) done()
    },
  })
  const counting = Object.assign(sink, { size: 0 })
  return counting
}

interface Dockerode {
  readonly modem: {
    demuxStream(from: NodeJS.ReadableStream, stdout: Writable, stderr: Writable): void
    followProgress(from: NodeJS.ReadableStream, done: (error: Error | null) => void, each: () => void): void
  }
  ping(): Promise<unknown>
  listContainers(): Promise<unknown>
  pull(ref: string): Promise<NodeJS.ReadableStream>
  getContainer(id: string): {
    inspect(): Promise<unknown>
    logs(options: object): Promise<NodeJS.ReadableStream>
  }
}

async function dockerode(socketPath: string): Promise<Contender> {
  const Docker = peers('dockerode') as new (options: object) => Dockerode
  const docker = new Docker({ socketPath, version: 'v1.45' })
  const demux = async (id: string, sink: Writable): Promise<NodeJS.ReadableStream> => {
    const stream = await docker.getContainer(id).logs({ follow: true, stdout: true, stderr: true })
    docker.modem.demuxStream(stream, sink, sink)
    return stream
  }
  return {
    name: 'dockerode',
    ping: () => docker.ping(),
    inspect: (id) => docker.getContainer(id).inspect(),
    list: () => docker.listContainers(),
    pull: async (chunking) => {
      const stream = await docker.pull(`acme/${chunking}:latest`)
      let count = 0
      await new Promise<void>((resolve, reject) => {
        docker.modem.followProgress(
          stream,
          (error) => (error === null ? resolve() : reject(error)),
          () => count++,
        )
      })
      return count
    },
    logs: async (kind, chunking, times = 1) => {
      const sink = counter()
      const stream = await demux(logsId(kind, chunking, times), sink)
      await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject))
      await new Promise<void>((resolve) => sink.end(resolve))
      return sink.size
    },
    stall: () => demux(STALL, counter(true)),
    close: async () => {},
  }
}

interface NodeSdk {
  systemPing(): Promise<unknown>
  containerInspect(id: string): Promise<unknown>
  containerList(): Promise<unknown>
  imageCreate(options: object): { messages(): AsyncIterable<unknown> }
  containerLogs(id: string, stdout: Writable, stderr: Writable, options: object): Promise<void>
  close(): Promise<void>
}

async function nodeSdk(socketPath: string): Promise<Contender> {
  const { DockerClient } = peers('@docker/node-sdk') as {
    DockerClient: { fromDockerHost(host: string): Promise<NodeSdk> }
  }
  const docker = await DockerClient.fromDockerHost(`unix:${socketPath}`)
  const both = { stdout: true, stderr: true }
  return {
    name: '@docker/node-sdk',
    ping: () => docker.systemPing(),
    inspect: (id) => docker.containerInspect(id),
    list: () => docker.containerList(),
    pull: async (chunking) => {
      let count = 0
      for await (const _ of docker.imageCreate({ fromImage: `acme/${chunking}`, tag: 'latest' }).messages()) count++
      return count
    },
    logs: async (kind, chunking, times = 1) => {
      const sink = counter()
      await docker.containerLogs(logsId(kind, chunking, times), sink, sink, both)
      return sink.size
    },
    stall: async () => {
      const sink = counter(true)
      docker.containerLogs(STALL, sink, sink, both).catch(() => {})
      while (sink.size === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    },
    close: () => docker.close(),
  }
}
