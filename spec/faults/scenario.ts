// The worlds in which every call is made to fail: what is there, what is released, and how it is refreshed.
import type { RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { ContainerSeed, ModelImage, ProfileName } from '../../lib/testing/model/index.ts'

export const APP = 'ghcr.io/acme/app:latest'
export const SIDECAR = 'ghcr.io/acme/sidecar:latest'
export const STRANGER = 'stranger'

export interface Scenario {
  readonly name: string
  readonly profile: ProfileName
  readonly containers: readonly ContainerSeed[]
  /** What the release brings; by reference. */
  readonly release: Readonly<Record<string, ModelImage>>
  readonly options?: Partial<RefreshOptions>
  /** Done to the containers before the refresh. */
  readonly pause?: readonly string[]
  /** Networks made first. */
  readonly networks?: readonly string[]
}

const image = (version: string, extra: ModelImage = {}): ModelImage => ({
  ...extra,
  config: {
    Cmd: ['/serve'],
    Env: [`VERSION=${version}`],
    Labels: { version },
    ...('config' in extra ? extra.config : {}),
  },
})

/** Images that are there before the release. */
export const BEFORE: Readonly<Record<string, ModelImage>> = {
  [APP]: image('1', { config: { Volumes: { '/data': {} } } }),
  [SIDECAR]: image('1'),
}

const GOOD = { [APP]: image('2', { config: { Volumes: { '/data': {} } } }) }
const EXITS = { [APP]: image('2', { behaviour: { process: { exits: 3 } } }) }
const MISSING = { [APP]: image('2', { behaviour: { process: { missing: '/serve' } } }) }
const SICK = {
  [APP]: image('2', {
    config: { Healthcheck: { Test: ['CMD', '/check'], Interval: 1e9, Timeout: 1e9, Retries: 2 } },
    behaviour: { health: 'unhealthy' },
  }),
}

const app = (name: string, extra: object = {}): ContainerSeed => ({ name, Image: APP, Env: [`OWN=${name}`], ...extra })
const always = { HostConfig: { RestartPolicy: { Name: 'always' } } }
const stranger: ContainerSeed = { name: STRANGER, Image: APP }

export const SCENARIOS: readonly Scenario[] = [
  { name: 'one that runs', profile: '28', containers: [app('app-a', always), stranger], release: GOOD },
  { name: 'one that runs', profile: '20.10', containers: [app('app-a', always), stranger], release: GOOD },
  { name: 'one that runs', profile: '26', containers: [app('app-a', always), stranger], release: GOOD },
  { name: 'one that runs', profile: '28-containerd', containers: [app('app-a', always), stranger], release: GOOD },
  { name: 'one that runs', profile: 'podman-4', containers: [app('app-a', always), stranger], release: GOOD },
  { name: 'one that runs', profile: 'podman', containers: [app('app-a', always), stranger], release: GOOD },
  { name: 'one that runs', profile: 'podman-6', containers: [app('app-a', always), stranger], release: GOOD },
  {
    name: 'one that does not run',
    profile: '28',
    containers: [app('app-a', { running: false, ...always }), stranger],
    release: GOOD,
  },
  {
    name: 'one that is paused',
    profile: '28',
    containers: [app('app-a', always), stranger],
    pause: ['app-a'],
    release: GOOD,
  },
  {
    name: 'one that is paused',
    profile: 'podman-4',
    containers: [app('app-a', always), stranger],
    pause: ['app-a'],
    release: GOOD,
  },
  {
    name: 'one that is paused',
    profile: 'podman',
    containers: [app('app-a', always), stranger],
    pause: ['app-a'],
    release: GOOD,
  },
  {
    name: 'several networks below 1.44',
    profile: '20.10',
    networks: ['front', 'back'],
    containers: [
      app('app-a', {
        HostConfig: { NetworkMode: 'front' },
        NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['web'] } } },
      }),
      stranger,
    ],
    release: GOOD,
  },
  {
    name: 'a published port and an anonymous volume',
    profile: '28',
    containers: [
      app('app-a', {
        ExposedPorts: { '80/tcp': {} },
        HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
      }),
      stranger,
    ],
    release: GOOD,
  },
  {
    name: 'a group of two',
    profile: '28',
    containers: [
      app('app-a', always),
      { name: 'app-b', Image: SIDECAR, HostConfig: { NetworkMode: 'container:app-a' } },
      stranger,
    ],
    release: { ...GOOD, [SIDECAR]: image('2') },
  },
  {
    name: 'start-first',
    profile: '28',
    containers: [{ name: 'app-b', Image: SIDECAR, ...always }, stranger],
    release: { [SIDECAR]: image('2') },
    options: { order: 'start-first' },
  },
  {
    name: 'three at once',
    profile: '28',
    containers: [app('app-a'), app('app-b'), app('app-c'), stranger],
    release: GOOD,
  },
  { name: 'a release that exits', profile: '28', containers: [app('app-a', always), stranger], release: EXITS },
  { name: 'a release that exits', profile: 'podman-4', containers: [app('app-a', always), stranger], release: EXITS },
  { name: 'a release that exits', profile: 'podman', containers: [app('app-a', always), stranger], release: EXITS },
  {
    name: 'a release that cannot start',
    profile: '20.10',
    containers: [app('app-a', always), stranger],
    release: MISSING,
  },
  { name: 'a release that is not well', profile: '28', containers: [app('app-a', always), stranger], release: SICK },
]
