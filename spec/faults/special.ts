// Scenarios: what could lose something in its own way.
import {
  APP,
  BEFORE,
  EXITS,
  GOOD,
  GOOD_BOTH,
  SICK,
  SIDECAR,
  always,
  app,
  image,
  member,
  one,
  sidecar,
  stranger,
  type Scenario,
} from './scenario.ts'

const onBoth = (scenario: Omit<Scenario, 'profile'>): Scenario[] => [
  { ...scenario, profile: '28' },
  { ...scenario, profile: 'podman' },
]

const DEAF = { stopsAfter: Number.POSITIVE_INFINITY }
const CHECKED = { config: { Healthcheck: { Test: ['CMD', '/check'], Interval: 1e9, Timeout: 1e9, Retries: 1 } } }
const CRASHES = { [APP]: image('1', { behaviour: { process: { exits: 1 } } }) }
const HOOKS = { 'dockline.hook.pre-stop': 'leave', 'dockline.hook.post-start': 'arrive' }
const UNWELL = (version: string) =>
  image(version, {
    config: { Healthcheck: { Test: ['CMD', '/check'], Interval: 1e9, Timeout: 1e9, Retries: 1 } },
    behaviour: { health: 'unhealthy' },
  })

export const SPECIAL: readonly Scenario[] = [
  ...onBoth({ name: 'the strategy "remove"', containers: one, release: GOOD, options: { strategy: 'remove' } }),
  ...onBoth({
    name: '--rm without a way back',
    containers: [app('app-a', { HostConfig: { AutoRemove: true } }), stranger],
    release: GOOD,
    options: { allowNoRollback: true },
  }),
  {
    name: '--rm that was never started',
    profile: '29',
    containers: [app('app-a', { running: false, HostConfig: { AutoRemove: true } }), stranger],
    release: GOOD,
    options: { allowNoRollback: true },
  },
  ...onBoth({
    name: 'marks of an earlier replacement',
    containers: one,
    earlier: { [APP]: image('1.5') },
    release: GOOD,
  }),
  {
    name: 'old images removed, none kept',
    profile: '29-containerd',
    containers: one,
    earlier: { [APP]: image('1.5') },
    release: GOOD,
    options: { cleanup: { keep: 0 } },
  },
  {
    name: 'old images removed, one kept',
    profile: '28-containerd',
    containers: one,
    earlier: { [APP]: image('1.5') },
    release: GOOD,
    options: { cleanup: { keep: 1 } },
  },
  {
    name: 'old images removed after a release that exits',
    profile: '29',
    containers: [app('app-a', always), app('app-b', always), stranger],
    release: EXITS,
    options: { cleanup: { keep: 0 } },
  },
  {
    name: 'hooks',
    profile: '29-containerd',
    containers: [app('app-a', { ...always, Labels: HOOKS }), stranger],
    release: GOOD,
    hooks: true,
  },
  {
    name: 'a hook that fails in the new one',
    profile: '29',
    containers: [app('app-a', { ...always, Labels: HOOKS }), stranger],
    release: { [APP]: image('2', { behaviour: { exec: () => ({ exitCode: 7 }) } }) },
    hooks: true,
  },
  {
    name: 'a group with a paused member',
    profile: '28',
    containers: [app('app-a', always), member(), stranger],
    pause: ['app-b'],
    release: GOOD_BOTH,
  },
  {
    name: 'a group with a member that does not run',
    profile: '28',
    containers: [app('app-a', always), member({ running: false }), stranger],
    release: GOOD_BOTH,
  },
  {
    name: 'a group that shares volumes and is linked',
    profile: '20.10',
    containers: [
      app('app-a', always),
      sidecar('app-b', { HostConfig: { VolumesFrom: ['app-a'] } }),
      sidecar('app-c', { HostConfig: { Links: ['app-a:a'] } }),
      stranger,
    ],
    release: GOOD,
  },
  {
    name: 'a group of which one exits',
    profile: '29-containerd',
    containers: [app('app-a', always), member(), stranger],
    release: { ...GOOD, [SIDECAR]: image('2', { behaviour: { process: { exits: 1, after: 500 } } }) },
  },
  {
    name: 'one that keeps crashing, mended',
    profile: '28',
    images: CRASHES,
    containers: [app('app-a', always)],
    release: GOOD,
  },
  {
    name: 'one that keeps crashing, and goes on to',
    profile: '26',
    images: CRASHES,
    containers: [app('app-a', always)],
    release: { [APP]: image('2', { behaviour: { process: { exits: 1 } } }) },
  },
  {
    name: 'one that was unwell, and still is',
    profile: '29',
    images: { ...BEFORE, [SIDECAR]: UNWELL('1') },
    containers: [sidecar('app-a', always), stranger],
    release: { [SIDECAR]: UNWELL('2') },
  },
  {
    name: 'one that takes its time to stop and to go',
    profile: '28',
    images: { ...BEFORE, [SIDECAR]: image('1', { behaviour: { stopsAfter: 4000, removesAfter: 3000 } }) },
    containers: [sidecar('app-a', always), stranger],
    release: { [SIDECAR]: image('2', { behaviour: { stopsAfter: 4000 } }) },
  },
  ...(['28', '20.10', 'podman', 'podman-4'] as const).map((profile): Scenario => ({
    name: 'a stop that lasts longer than asked',
    profile,
    stopsLater: 24_000,
    images: { ...BEFORE, [SIDECAR]: image('1', { behaviour: DEAF }) },
    containers: [sidecar('app-a', { ...always, StopTimeout: 1 }), stranger],
    release: { [SIDECAR]: image('2') },
  })),
  {
    name: 'a stop that lasts, of old and new',
    profile: '29-containerd',
    stopsLater: 24_000,
    images: { ...BEFORE, [SIDECAR]: image('1', { behaviour: DEAF }) },
    containers: [sidecar('app-a', { ...always, StopTimeout: 1 }), stranger],
    release: { [SIDECAR]: image('2', { ...CHECKED, behaviour: { ...DEAF, health: 'unhealthy' } }) },
  },
  {
    name: 'start-first and a release that is not well',
    profile: '28',
    containers: [{ ...app('app-a', always), Image: SIDECAR }, stranger],
    release: { [SIDECAR]: SICK[APP] ?? {} },
    options: { order: 'start-first' },
  },
]

const DEATHS: readonly (readonly [what: string, after: RegExp, nth?: number])[] = [
  ['created', /POST \/containers\/create/],
  ['disarmed', /POST .*\/update$/],
  ['stopped', /POST .*\/stop$/],
  ['parked', /POST .*\/rename$/],
  ['named', /POST .*\/rename$/, 2],
  ['started', /POST .*\/start$/],
]

const died = ([what, after, nth = 1]: (typeof DEATHS)[number], scenario: Omit<Scenario, 'died'>): Scenario => ({
  ...scenario,
  name: `a recovery of ${scenario.name} that died when ${what}`,
  died: { after, nth },
})

export const RECOVERIES: readonly Scenario[] = [
  ...DEATHS.map((death) => died(death, { name: 'one', profile: '28', containers: one, release: GOOD })),
  died(['started', /POST .*\/start$/], { name: 'one that exits', profile: '28', containers: one, release: EXITS }),
  died(['rolled back in part', /POST .*\/rename$/, 3], {
    name: 'one that exits',
    profile: '28',
    containers: one,
    release: EXITS,
  }),
  died(['started', /POST .*\/start$/], { name: 'one', profile: 'podman', containers: one, release: GOOD }),
  ...DEATHS.map((death) =>
    died(death, { name: 'one that somebody took', profile: '28', containers: one, release: GOOD, taken: 'mine' }),
  ),
  died(['started', /POST .*\/start$/], {
    name: 'one that exits and that somebody took',
    profile: '29',
    containers: one,
    release: EXITS,
    taken: 'mine',
  }),
  died(['stopped', /POST .*\/stop$/], {
    name: 'one with --rm',
    profile: '28',
    containers: [app('app-a', { HostConfig: { AutoRemove: true } }), stranger],
    release: GOOD,
    options: { allowNoRollback: true },
  }),
  died(['one of two was started', /POST .*\/start$/], {
    name: 'a group',
    profile: '29-containerd',
    containers: [app('app-a', always), member(), stranger],
    release: GOOD_BOTH,
  }),
  died(['one of two was committed', /DELETE \/containers\//], {
    name: 'a group',
    profile: '28',
    containers: [app('app-a', always), member(), stranger],
    release: GOOD_BOTH,
  }),
]
