// What a scenario is: what is there, what is released, and how it is refreshed.
import type { RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { Program } from '../../lib/testing/model/behaviour.ts'
import type { ContainerSeed, ModelImage, ProfileName } from '../../lib/testing/model/index.ts'

export const APP = 'ghcr.io/acme/app:latest'
/** Another image, of another registry. */
export const SIDECAR = 'registry.example.org/acme/sidecar:latest'
/** Nobody's business: it must not be touched. */
export const STRANGER = 'stranger'
/** Milliseconds that a container without a health check must run. */
export const STABLE_FOR = 1000

export type Release = Readonly<Record<string, ModelImage>>

export interface Scenario {
  readonly name: string
  readonly profile: ProfileName
  readonly containers: readonly ContainerSeed[]
  /** Milliseconds that the engine takes longer to stop a container than any inspect tells. */
  readonly stopsLater?: number
  /** What is there before, where it is not `BEFORE`; by reference. */
  readonly images?: Release
  /** What the release brings. */
  readonly release: Release
  readonly options?: Partial<RefreshOptions>
  /** Command lines that do not behave as their image does. */
  readonly programs?: Program
  /** The release is on the engine before the refresh, as a build or a load leaves it. */
  readonly pulled?: boolean
  /** Runs the hooks that containers ask for. */
  readonly hooks?: boolean
  /** Paused before the refresh. */
  readonly pause?: readonly string[]
  /** Networks made first. */
  readonly networks?: readonly string[]
  /** A release that went before, so that the containers have the marks of a replacement that is over. */
  readonly earlier?: Release
  /** A process has died after the n-th call that matches: what is interrupted is the recovery. */
  readonly died?: { readonly after: RegExp; readonly nth?: number }
  /** Somebody gave its successor of `app-a` a name of his own then: the successor may stay, also in the place of the old. */
  readonly taken?: string
}

export const image = (version: string, extra: ModelImage = {}): ModelImage => ({
  ...extra,
  config: {
    Cmd: ['/serve'],
    Env: [`VERSION=${version}`],
    Labels: { version },
    ...('config' in extra ? extra.config : {}),
  },
})

const DATA = { config: { Volumes: { '/data': {} } } }

/** Images that are there before the release. */
export const BEFORE: Release = { [APP]: image('1', DATA), [SIDECAR]: image('1') }

export const GOOD: Release = { [APP]: image('2', DATA) }
export const EXITS: Release = { [APP]: image('2', { behaviour: { process: { exits: 3 } } }) }
export const MISSING: Release = { [APP]: image('2', { behaviour: { process: { missing: '/serve' } } }) }

const CHECK = { Healthcheck: { Test: ['CMD', '/check'], Interval: 1e9, Timeout: 1e9, Retries: 2 } }
export const SICK: Release = { [APP]: image('2', { config: CHECK, behaviour: { health: 'unhealthy' } }) }
export const WELL: Release = { [APP]: image('2', { config: CHECK, behaviour: { health: { healthyAfter: 3000 } } }) }

export const app = (name: string, extra: object = {}): ContainerSeed => ({
  name,
  Image: APP,
  Env: [`OWN=${name}`],
  ...extra,
})
export const sidecar = (name: string, extra: object = {}): ContainerSeed => ({ ...app(name, extra), Image: SIDECAR })
export const always = { HostConfig: { RestartPolicy: { Name: 'always' } } }
export const stranger: ContainerSeed = app(STRANGER, always)
/** One container, and the stranger. */
export const one: readonly ContainerSeed[] = [app('app-a', always), stranger]
/** Shares the network of `app-a`. */
export const member = (extra: object = {}): ContainerSeed =>
  sidecar('app-b', { HostConfig: { NetworkMode: 'container:app-a' }, ...extra })
/** A release of both images. */
export const GOOD_BOTH: Release = { ...GOOD, [SIDECAR]: image('2') }
