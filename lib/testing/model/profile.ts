import { containerdWords, docker26Words, docker28Words } from './words-docker-later.ts'
import { docker20Words } from './words-docker.ts'
import { podman4Words, podman6Words } from './words-podman-other.ts'
import { podmanWords } from './words-podman.ts'
import type { Words } from './words.ts'

/** The engines that the model can be; `podman` is podman 5. */
export type ProfileName = '20.10' | '26' | '28' | '28-containerd' | 'podman-4' | 'podman' | 'podman-6'

/** What tells one engine from another, as data; each value was seen on the real one (see the calibration). */
export interface Profile {
  readonly name: ProfileName
  readonly family: 'docker' | 'podman'
  /** Of the engine. */
  readonly version: string
  readonly api: string
  readonly minApi: string
  readonly goVersion: string
  /** What an image id is: the digest of its config, or of its manifest or index. */
  readonly store: 'config' | 'manifest'
  readonly driver: string
  readonly root: string
  /** `NetworkMode` of a container that names none. */
  readonly networkMode: string
  /** Name of the default network. */
  readonly network: string
  readonly subnet: string
  /** Restart policy of a container that names none. */
  readonly restartPolicy: string
  /** MAC addresses are made from the IP address; later engines draw them. */
  readonly macFromAddress: boolean
  /** Host addresses of a port that is published on none in particular. */
  readonly everywhere: readonly string[]
  /** `PortBindings` has the ports that are only exposed, too: with null. */
  readonly bindsExposed: boolean
  /** `State.Error` tells why a start was refused. */
  readonly tellsError: boolean
  /** `State.Health` tells that it is starting before the first start. */
  readonly healthAtCreate: boolean
  /** `State.Health` is there without a check, too: empty. */
  readonly emptyHealth: boolean
  /** What the engine adds to the environment, unless the container has it. */
  readonly env: readonly string[]
  /** Seconds that a container is given to stop when it names none. */
  readonly stopTimeout: number
  /** How a pull tells what the registry refused: by its status, or in the stream of a 200. */
  readonly pullRefusal: 'status' | 'stream'
  readonly words: Words
}

const docker = {
  family: 'docker',
  goVersion: 'go1.24.4',
  store: 'config',
  driver: 'overlay2',
  root: '/var/lib/docker',
  networkMode: 'bridge',
  network: 'bridge',
  subnet: '172.17.0.0/16',
  restartPolicy: 'no',
  minApi: '1.24',
  everywhere: ['0.0.0.0', '::'],
  bindsExposed: false,
  tellsError: true,
  healthAtCreate: false,
  emptyHealth: false,
  env: [],
  stopTimeout: 10,
  pullRefusal: 'status',
} as const

const podman = {
  ...docker,
  family: 'podman',
  driver: 'overlay',
  root: '/var/lib/containers/storage',
  network: 'podman',
  subnet: '10.88.0.0/16',
  macFromAddress: false,
  everywhere: ['0.0.0.0'],
  env: ['container=podman'],
} as const

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  '20.10': {
    ...docker,
    name: '20.10',
    version: '20.10.24',
    api: '1.41',
    minApi: '1.12',
    goVersion: 'go1.19.8',
    networkMode: 'default',
    restartPolicy: '',
    macFromAddress: true,
    words: docker20Words,
  },
  '26': { ...docker, name: '26', version: '26.1.5', api: '1.45', macFromAddress: true, words: docker26Words },
  '28': { ...docker, name: '28', version: '28.5.2', api: '1.51', macFromAddress: false, words: docker28Words },
  '28-containerd': {
    ...docker,
    name: '28-containerd',
    version: '28.5.2',
    api: '1.51',
    store: 'manifest',
    driver: 'overlayfs',
    macFromAddress: false,
    words: containerdWords,
  },
  'podman-4': {
    ...podman,
    name: 'podman-4',
    version: '4.3.1',
    api: '1.41',
    goVersion: 'go1.19.8',
    restartPolicy: '',
    everywhere: [''],
    bindsExposed: true,
    tellsError: false,
    emptyHealth: true,
    env: ['container=podman', 'TERM=xterm'],
    stopTimeout: 0,
    pullRefusal: 'stream',
    words: podman4Words,
  },
  podman: { ...podman, name: 'podman', version: '5.8.6', api: '1.44', words: podmanWords },
  'podman-6': {
    ...podman,
    name: 'podman-6',
    version: '6.1.1',
    api: '1.44',
    healthAtCreate: true,
    words: podman6Words,
  },
}

const PODMAN: ReadonlyMap<number, ProfileName> = new Map([
  [4, 'podman-4'],
  [5, 'podman'],
  [6, 'podman-6'],
])

/** The profile of an engine that told its version, or nothing when the model has none like it. */
export function profileOf(engine: {
  readonly Version: string
  readonly Components: readonly { readonly Name: string }[]
  readonly containerdStore: boolean
}): ProfileName | undefined {
  const release = Number(engine.Version.split('.')[0])
  if (engine.Components.some(({ Name }) => Name === 'Podman Engine')) return PODMAN.get(release)
  if (release === 20) return '20.10'
  if (release >= 25 && release <= 27) return '26'
  if (release === 28) return engine.containerdStore ? '28-containerd' : '28'
  return undefined
}
