// The engines that the model can be, as data.
import type { Profile, ProfileName } from './profile.ts'
import { containerdWords, docker26Words, docker28Words } from './words-docker-later.ts'
import { containerd29Words, docker29Words } from './words-docker-29.ts'
import { docker20Words } from './words-docker.ts'
import { podman4Words, podman6Words } from './words-podman-other.ts'
import { podmanWords } from './words-podman.ts'

const MASKED_20 = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
]
const MASKED_26 = [...MASKED_20, '/sys/devices/virtual/powercap']
const MASKED_28 = MASKED_26.toSpliced(2, 0, '/proc/interrupts')

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
  showsStop: 'nothing',
  oldLibpod: false,
  pullRefusal: 'status',
  registryStatus: false,
  checksEndpoints: 'create',
  endpointMac: true,
  shortIdAlias: false,
  gwPriority: false,
  enableIPv4: undefined,
  builder: '2',
  pingTellsSwarm: true,
  kernelMemory: false,
  lazyRuntime: false,
  maskedPaths: MASKED_26,
  startInterval: true,
  tellsJoin: true,
  taskFirst: false,
  waitErrorNull: false,
  layerId: false,
  virtualSize: false,
  tellsConfig: false,
  oldImageMembers: false,
  wholeImageConfig: false,
  countsUsers: true,
  marksAnonymous: true,
  lean: false,
  slimFrom: undefined,
  losesNetwork: false,
  fillsBindings: false,
  strictBody: false,
  connectMacFrom: undefined,
  progressBar: true,
  warnsOfLinks: false,
  endpointSysctlsFrom: undefined,
  identityFrom: undefined,
  attestationsFrom: undefined,
  negotiatesEvents: false,
} as const

const docker28 = {
  ...docker,
  version: '28.5.2',
  api: '1.51',
  macFromAddress: false,
  gwPriority: true,
  enableIPv4: true,
  maskedPaths: MASKED_28,
  taskFirst: true,
  tellsConfig: true,
  endpointSysctlsFrom: '1.48',
} as const

// Seen on 29.7.2; 29.0 to 29.2 spoke 1.44 and later.
const docker29 = {
  ...docker28,
  version: '29.7.2',
  api: '1.56',
  minApi: '1.40',
  maskedPaths: MASKED_28.toSorted(),
  lean: true,
  slimFrom: '1.52',
  losesNetwork: true,
  fillsBindings: true,
  strictBody: true,
  connectMacFrom: '1.54',
  progressBar: false,
  warnsOfLinks: true,
  identityFrom: '1.53',
  attestationsFrom: '1.55',
  negotiatesEvents: true,
} as const

const podman = {
  ...docker,
  family: 'podman',
  showsStop: 'not running',
  driver: 'overlay',
  root: '/var/lib/containers/storage',
  network: 'podman',
  subnet: '10.88.0.0/16',
  macFromAddress: false,
  everywhere: ['0.0.0.0'],
  env: ['container=podman'],
  checksEndpoints: 'never',
  gwPriority: true,
  enableIPv4: false,
  builder: '1',
  pingTellsSwarm: false,
  tellsJoin: false,
  waitErrorNull: true,
  marksAnonymous: false,
  connectMacFrom: '1.24',
  progressBar: false,
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
    checksEndpoints: 'start',
    endpointMac: false,
    shortIdAlias: true,
    builder: '',
    pingTellsSwarm: false,
    kernelMemory: true,
    lazyRuntime: true,
    maskedPaths: MASKED_20,
    startInterval: false,
    tellsJoin: false,
    waitErrorNull: true,
    virtualSize: true,
    wholeImageConfig: true,
    countsUsers: false,
    marksAnonymous: false,
    words: docker20Words,
  },
  '26': {
    ...docker,
    name: '26',
    version: '26.1.5',
    api: '1.45',
    macFromAddress: true,
    wholeImageConfig: true,
    countsUsers: false,
    words: docker26Words,
  },
  '28': { ...docker28, name: '28', registryStatus: true, oldImageMembers: true, layerId: true, words: docker28Words },
  '28-containerd': {
    ...docker28,
    name: '28-containerd',
    store: 'manifest',
    driver: 'overlayfs',
    words: containerdWords,
  },
  '29': { ...docker29, name: '29', registryStatus: true, layerId: true, words: docker29Words },
  '29-containerd': {
    ...docker29,
    name: '29-containerd',
    store: 'manifest',
    driver: 'overlayfs',
    words: containerd29Words,
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
    showsStop: 'stopping',
    oldLibpod: true,
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
  if (release === 29) return engine.containerdStore ? '29-containerd' : '29'
  return undefined
}
