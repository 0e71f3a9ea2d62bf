import { connect, type Docker } from '../../lib/engine/connect.ts'
import type { RefreshEngine } from '../../lib/refresh/container.ts'
import { marksToLabels, nextName, previousName, type Marks } from '../../lib/refresh/marks.ts'
import type { CredentialFinder } from '../../lib/refresh/pull.ts'
import type { RefreshOptions, RefreshPorts } from '../../lib/refresh/refresh.ts'
import type { RefreshEvent } from '../../lib/refresh/report.ts'
import {
  manualClock,
  modelEngine,
  type ContainerSeed,
  type ContainerView,
  type ModelEngine,
  type ModelEngineOptions,
  type ModelImage,
} from '../../lib/testing/model/index.ts'

export const APP = 'ghcr.io/acme/app:latest'

export const version = (number: number, extra: ModelImage = {}): ModelImage => ({
  ...extra,
  config: { Cmd: ['/serve'], Env: [`VERSION=${number}`], ...('config' in extra ? extra.config : {}) },
})

/** An engine in memory, what a refresh needs to work on it, and what it did. */
export interface Stage {
  readonly model: ModelEngine
  readonly docker: Docker
  readonly ports: RefreshPorts
  readonly clock: ReturnType<typeof manualClock>
  readonly events: RefreshEvent[]
  /** Calls since the stage was set that change something, without ids: `POST /containers/create`. */
  readonly changes: () => string[]
  readonly container: (name: string) => ContainerView | undefined
  /** Names of all containers, in order. */
  readonly names: () => string[]
}

export interface StageOptions extends Omit<ModelEngineOptions, 'clock' | 'containers'> {
  readonly containers?: readonly ContainerSeed[]
  readonly credentials_?: CredentialFinder
  readonly selfId?: string
}

/** Sets it: an image of version 1 as `APP`, unless others are given. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const clock = manualClock({ auto: true })
  const images = options.images ?? { [APP]: version(1) }
  const model = modelEngine({ ...options, images, containers: options.containers ?? [], clock })
  const docker = await connect({ host: 'unix:///model', transport: () => model.transport(), validate: 'strict' })
  const events: RefreshEvent[] = []
  let ids = 0
  const ports: RefreshPorts = {
    engine: docker,
    credentials: options.credentials_ ?? { resolve: async () => ({ auth: undefined, source: 'anonymous' }) },
    clock,
    random: { id: () => `op-${++ids}`, fraction: () => 0 },
    processes: { self: async () => 'me', state: async (identity) => (identity === 'me' ? 'alive' : 'dead') },
    selfId: options.selfId,
  }
  return {
    model,
    docker,
    ports,
    clock,
    events,
    changes: () =>
      model.calls
        .filter(({ method }) => method === 'POST' || method === 'DELETE' || method === 'PUT')
        .map(({ method, path }) => `${method} ${path.replace(/^\/v[\d.]+/, '').replace(/[0-9a-f]{64}/, '{id}')}`),
    container: (name) => model.containers().find((one) => one.name === name),
    names: () =>
      model
        .containers()
        .map(({ name }) => name)
        .toSorted((a, b) => (a < b ? -1 : 1)),
  }
}

export const everything: RefreshOptions = { targets: [], selection: { all: true }, gate: { stableFor: 1000 } }

/** How far a replacement had come when its process died. */
export type Reached = 'created' | 'stopped' | 'parked' | 'named' | 'started'

/** Leaves a replacement of a container half done, as one whose process died does. Gives the marks. */
export async function leaveHalfDone(
  { docker, container }: Stage,
  name: string,
  reached: Reached,
  about: Partial<Marks> & { body?: object } = {},
): Promise<{ marks: Marks; successorId: string }> {
  const old = await docker.containers.inspect(container(name)?.id ?? name)
  const { body, ...given } = about
  const marks: Marks = {
    op: `op-of-${name}`,
    replaces: old.Id,
    name,
    was: 'running',
    restart: old.HostConfig.RestartPolicy,
    spec: 'x',
    holder: 'gone',
    lease: 60,
    member: 0,
    ...given,
  }
  const { Id } = await docker.containers.create(
    { Image: old.Config.Image, ...body, Labels: marksToLabels(marks) },
    { name: nextName(name) },
  )
  const steps: readonly (readonly [Reached, () => Promise<unknown>])[] = [
    ['created', async () => {}],
    [
      'stopped',
      async () => {
        await docker.containers.update(old.Id, { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } })
        await docker.containers.stop(old.Id)
      },
    ],
    ['parked', () => docker.containers.rename(old.Id, previousName(name))],
    ['named', () => docker.containers.rename(Id, name)],
    ['started', () => docker.containers.start(Id)],
  ]
  for (const [step, act] of steps) {
    await act()
    if (step === reached) break
  }
  return { marks, successorId: Id }
}

const CALLS = [
  'inspectRaw',
  'list',
  'create',
  'createRaw',
  'start',
  'stop',
  'rename',
  'remove',
  'update',
  'pause',
  'changes',
  'archiveInfo',
  'logs',
  'libpodInspect',
  'runLibpodHealthcheck',
] as const

/** The stage's engine with some of the calls to its containers made otherwise. */
export function withCalls({ docker }: Stage, calls: Partial<Record<(typeof CALLS)[number], unknown>>): RefreshEngine {
  const { containers } = docker
  const own = Object.fromEntries(
    CALLS.map((name) => [name, (containers[name] as (...given: unknown[]) => unknown).bind(containers)]),
  )
  return { ...docker, containers: { ...own, ...calls } as never }
}
