import { containerdWords, docker26Words, docker28Words } from './words-docker-later.ts'
import { docker20Words } from './words-docker.ts'
import { podmanWords } from './words-podman.ts'
import type { Words } from './words.ts'

/** The engines that the model can be. */
export type ProfileName = '20.10' | '26' | '28' | '28-containerd' | 'podman'

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
  podman: {
    ...docker,
    name: 'podman',
    family: 'podman',
    version: '5.8.6',
    api: '1.44',
    driver: 'overlay',
    root: '/var/lib/containers/storage',
    network: 'podman',
    subnet: '10.88.0.0/16',
    macFromAddress: false,
    words: podmanWords,
  },
}

/** The profile of an engine that told its version, or nothing when the model has none like it. */
export function profileOf(engine: {
  readonly Version: string
  readonly Components: readonly { readonly Name: string }[]
  readonly containerdStore: boolean
}): ProfileName | undefined {
  if (engine.Components.some(({ Name }) => Name === 'Podman Engine'))
    return engine.Version.startsWith('5.') ? 'podman' : undefined
  const release = Number(engine.Version.split('.')[0])
  if (release === 20) return '20.10'
  if (release >= 25 && release <= 27) return '26'
  if (release === 28) return engine.containerdStore ? '28-containerd' : '28'
  return undefined
}
