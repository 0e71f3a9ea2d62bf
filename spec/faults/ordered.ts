// Scenarios: containers that wait for others, canaries that are followed by another, and images that no registry has.
import type { ContainerSeed } from '../../lib/testing/model/index.ts'
import {
  APP,
  EXITS,
  GOOD,
  GOOD_BOTH,
  SIDECAR,
  always,
  app,
  image,
  one,
  sidecar,
  stranger,
  type Scenario,
} from './scenario.ts'

/** A service of a compose project. */
const service = (name: string, needs = ''): Partial<ContainerSeed> => ({
  ...always,
  Labels: {
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': name,
    'com.docker.compose.depends_on': needs === '' ? '' : `${needs}:service_started:false`,
  },
})
/** A release that does not take what one container was told to run. */
const STRICT = { [APP]: image('2', { config: { Entrypoint: ['/strict'] } }) }

export const ORDERED: readonly Scenario[] = [
  ...(['28', 'podman'] as const).map((profile): Scenario => ({
    profile,
    name: 'a compose chain over two images',
    containers: [
      app('app-c', service('web', 'cache')),
      sidecar('app-b', service('cache', 'db')),
      app('app-a', service('db')),
      stranger,
    ],
    release: GOOD_BOTH,
  })),
  {
    name: 'a compose chain of which the first exits',
    profile: '29',
    containers: [sidecar('app-b', service('web', 'db')), app('app-a', service('db')), stranger],
    release: { ...EXITS, [SIDECAR]: image('2') },
  },
  ...(['28', 'podman'] as const).map((profile): Scenario => ({
    profile,
    name: 'a canary that its own settings keep from running',
    containers: [app('app-b', always), app('app-a', { ...always, Cmd: ['/serve', '--old'] }), stranger],
    release: STRICT,
    programs: (argv) =>
      argv[0] === '/strict' && argv.includes('--old') ? { process: { exits: 2, after: 200 } } : undefined,
  })),
  {
    name: 'an image that was built here and that no registry has',
    profile: '28-containerd',
    containers: one,
    release: GOOD,
    options: { pull: false },
    pulled: true,
  },
]
