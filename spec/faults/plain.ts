// Scenarios: what is usual.
import {
  EXITS,
  GOOD,
  GOOD_BOTH,
  MISSING,
  SICK,
  SIDECAR,
  WELL,
  always,
  app,
  image,
  member,
  one,
  sidecar,
  stranger,
  type Scenario,
} from './scenario.ts'

const published = { ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } } }
const group = [app('app-a', always), member(), stranger]

export const PLAIN: readonly Scenario[] = [
  ...(['28', '20.10', '26', '28-containerd', '29', '29-containerd', 'podman', 'podman-4', 'podman-6'] as const).map(
    (profile): Scenario => ({
      name: 'one that runs',
      profile,
      containers: one,
      release: GOOD,
    }),
  ),
  {
    name: 'one that does not run',
    profile: '29',
    containers: [app('app-a', { running: false, ...always }), stranger],
    release: GOOD,
  },
  ...(['28', 'podman', 'podman-4'] as const).map((profile): Scenario => ({
    name: 'one that is paused',
    profile,
    containers: one,
    pause: ['app-a'],
    release: GOOD,
  })),
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
    profile: '29-containerd',
    containers: [
      app('app-a', {
        ExposedPorts: { '80/tcp': {} },
        HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
      }),
      stranger,
    ],
    release: GOOD,
  },
  ...(['29', '29-containerd', '28'] as const).map((profile): Scenario => ({
    name: 'two networks and a published port',
    profile,
    networks: ['front', 'back'],
    containers: [
      app('app-a', {
        ...published,
        HostConfig: { ...published.HostConfig, ...always.HostConfig, NetworkMode: 'front' },
        NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['web'] } } },
      }),
      stranger,
    ],
    release: GOOD,
  })),
  { name: 'a group of two, of two registries', profile: '29', containers: group, release: GOOD_BOTH },
  {
    name: 'start-first',
    profile: '29-containerd',
    containers: [sidecar('app-b', always), stranger],
    release: { [SIDECAR]: image('2') },
    options: { order: 'start-first' },
  },
  {
    name: 'three at once',
    profile: '28',
    containers: [app('app-a'), app('app-b'), app('app-c'), stranger],
    release: GOOD,
  },
  ...(['28', 'podman', 'podman-4'] as const).map((profile): Scenario => ({
    name: 'a release that exits',
    profile,
    containers: one,
    release: EXITS,
  })),
  { name: 'a release that cannot start', profile: '20.10', containers: one, release: MISSING },
  { name: 'a release that is not well', profile: '29', containers: one, release: SICK },
  { name: 'a release that gets well', profile: '26', containers: one, release: WELL },
]
