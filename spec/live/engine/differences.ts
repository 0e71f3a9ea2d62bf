import type { Profile } from '../support/profile.ts'
import type { Difference } from '../support/operation-table.ts'

/** A swarm is made only where it may be: on an engine that is thrown away. */
export const SWARM: boolean = process.env['LIVE_SWARM'] === '1'

/** `host:port` of a registry that takes pushes without a login. */
export const REGISTRY: string | undefined = process.env['LIVE_REGISTRY']

const everywhere = (): boolean => true
const onPodman = (profile: Profile): boolean => profile.podman
const onDockerd = (profile: Profile): boolean => !profile.podman
const inSwarm = (profile: Profile): boolean => !profile.podman && SWARM
const outsideSwarm = (profile: Profile): boolean => !profile.podman && !SWARM
const belowApi = (minor: number) => (profile: Profile) => Number(profile.apiVersion.split('.')[1]) < minor

function each(operations: string, rest: Omit<Difference, 'operation'>): Difference[] {
  return operations.split(' ').map((operation) => ({ operation, ...rest }))
}

const OF_SWARM =
  'SwarmInspect SwarmUpdate SwarmUnlockkey NodeList NodeInspect NodeDelete NodeUpdate ' +
  'ServiceList ServiceCreate ServiceInspect ServiceDelete ServiceUpdate ServiceLogs TaskList TaskInspect TaskLogs ' +
  'SecretList SecretCreate SecretInspect SecretDelete SecretUpdate ConfigList ConfigCreate ConfigInspect ConfigDelete ConfigUpdate'

/** Every way in which an engine may differ, with its reason. What is not in here fails, and so does what no longer holds. */
export const DIFFERENCES: readonly Difference[] = [
  ...each('ImageAttestations', {
    on: belowApi(55),
    status: 'ENGINE_TOO_OLD',
    reason: 'came with API 1.55: not sent to an older engine',
  }),
  ...each('ImageAttestations', {
    on: (profile) => !belowApi(55)(profile) && !profile.containerdStore,
    status: 501,
    reason: 'only the containerd image store keeps attestations',
    sometimes: true,
  }),
  ...each('VolumeUpdate', {
    on: belowApi(42),
    status: 'ENGINE_TOO_OLD',
    reason: 'came with API 1.42: not sent to an older engine',
  }),
  ...each('VolumeUpdate', {
    on: (profile) => onDockerd(profile) && !belowApi(42)(profile),
    status: 503,
    words: /cluster volumes/,
    reason: 'only volumes of a swarm can be updated, and those want a plugin',
  }),
  ...each('VolumeUpdate', {
    on: (profile) => onPodman(profile) && !belowApi(42)(profile),
    status: 405,
    reason: 'podman has no volumes of a swarm',
  }),
  ...each('ContainerTop', {
    on: everywhere,
    status: 500,
    words: /"ps"|ps\(1\)/,
    reason: 'the engine runs the ps of its host, which has none',
    sometimes: true,
  }),
  ...each('ContainerUpdate', {
    on: (profile) => onPodman(profile) && profile.major < 5,
    status: 404,
    reason: 'podman has it since 5.0',
  }),
  ...each('ContainerAttachWebsocket', { on: onPodman, status: 404, reason: 'podman has no WebSockets' }),
  ...each('BuildPrune', { on: onPodman, status: 404, reason: 'podman keeps no build cache of its own' }),
  ...each('DistributionInspect', { on: onPodman, status: 404, reason: 'podman does not look into registries' }),
  ...each('SystemAuth', {
    on: onPodman,
    status: 500,
    words: /HTTP response to HTTPS client|connection refused/,
    reason: 'podman logs in by TLS only',
  }),

  ...each('ImageSearch', {
    on: everywhere,
    status: 500,
    words: /index\.docker\.io/,
    reason: 'searches Docker Hub, which cannot be reached from here',
    sometimes: true,
  }),
  ...each('ImageSearch', {
    on: onPodman,
    status: 404,
    reason: 'searches the registries of its configuration, which names none',
    sometimes: true,
  }),
  ...each('SystemAuth DistributionInspect', {
    on: (profile) => onDockerd(profile) && REGISTRY === undefined,
    status: 500,
    words: /connection refused/,
    reason: 'LIVE_REGISTRY names no registry',
  }),
  ...each('ImagePush', {
    on: () => REGISTRY === undefined,
    status: 'STREAM_FAILED',
    words: /connection refused/,
    reason: 'LIVE_REGISTRY names no registry',
  }),
  ...each('ImagePush', {
    on: (profile) => onPodman(profile) && REGISTRY === undefined,
    status: 500,
    words: /connection refused/,
    reason: 'LIVE_REGISTRY names no registry, which podman 5 says before the stream begins',
  }),

  ...each(
    'PluginCreate PluginList PluginInspect PluginSet PluginEnable PluginDisable GetPluginPrivileges PluginPull ' +
      'PluginUpgrade PluginPush PluginDelete',
    { on: onPodman, status: 404, reason: 'podman has no plugins' },
  ),
  ...each('PluginEnable', {
    on: onDockerd,
    status: 500,
    words: /spec\.sock/,
    reason: 'the plugin of this spec listens to nobody',
  }),
  ...each('PluginDisable', { on: onDockerd, status: 409, reason: 'the plugin of this spec could not be enabled' }),
  ...each('PluginPull PluginUpgrade', {
    on: onDockerd,
    status: 500,
    words: /connection refused/,
    reason: 'there is no registry of plugins here',
  }),
  ...each('PluginPush', {
    on: onDockerd,
    status: 'STREAM_FAILED',
    words: /registry-1\.docker\.io/,
    reason: 'there is no registry of plugins here',
  }),

  ...each(OF_SWARM, { on: outsideSwarm, status: 503, reason: 'this engine is in no swarm: LIVE_SWARM is not set' }),
  ...each('SwarmInit', {
    on: (profile) => outsideSwarm(profile) && belowApi(42)(profile),
    status: 500,
    words: /listen address/,
    reason: 'asked without an address: LIVE_SWARM is not set',
  }),
  ...each('SwarmInit', {
    on: (profile) => outsideSwarm(profile) && !belowApi(42)(profile),
    status: 400,
    words: /listen address/,
    reason: 'asked without an address: LIVE_SWARM is not set',
  }),
  ...each('SwarmLeave SwarmUnlock', { on: outsideSwarm, status: 503, reason: 'this engine is in no swarm' }),
  ...each('SwarmJoin', {
    on: outsideSwarm,
    status: 500,
    words: /invalid join token/,
    reason: 'there is no second engine to join',
  }),
  ...each('SwarmJoin', { on: inSwarm, status: 503, words: /already part/, reason: 'it is in a swarm already' }),
  ...each('SwarmUnlock', { on: inSwarm, status: 409, words: /not locked/, reason: 'the swarm is not locked' }),
  ...each('NodeDelete', {
    on: inSwarm,
    status: 400,
    words: /demoted/,
    reason: 'the only manager of a swarm cannot be removed',
  }),

  ...each('SwarmInspect NodeList ServiceList TaskList ConfigList', {
    on: onPodman,
    status: 404,
    reason: 'podman has no swarm',
  }),
  ...each(
    'SwarmInit SwarmUpdate SwarmUnlockkey SwarmJoin SwarmUnlock SwarmLeave NodeInspect NodeUpdate NodeDelete ' +
      'ServiceCreate ServiceInspect ServiceLogs ServiceUpdate ServiceDelete TaskInspect TaskLogs ' +
      'ConfigCreate ConfigInspect ConfigUpdate ConfigDelete',
    { on: onPodman, status: 503, words: /does not support/, reason: 'podman has no swarm' },
  ),
  ...each('SecretUpdate', {
    on: onPodman,
    status: 501,
    reason: 'podman keeps secrets without a swarm, and does not change them',
  }),
]
