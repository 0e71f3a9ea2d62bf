import type { Places } from './described-fields.ts'

/** The type of what a call of the client gives. */
const answer = (call: string): { answer: string } => ({ answer: `Answer<${member(call)}>` })

/** The type of a call's body: its argument at a place. */
const body = (call: string, at = 0): { body: string } => ({ body: `Body<${member(call)}>[${at}]` })

const both = (call: string, at = 0): { answer: string; body: string } => ({ ...answer(call), ...body(call, at) })

function member(call: string): string {
  return `Docker${call
    .split('.')
    .map((name) => `['${name}']`)
    .join('')}`
}

/** Where the bodies and the answers of the operations stand in the public types. */
export const PLACES: Places = {
  BuildPrune: answer('images.buildPrune'),
  ConfigCreate: both('configs.create'),
  ConfigInspect: answer('configs.inspect'),
  ConfigList: answer('configs.list'),
  ConfigUpdate: body('configs.update', 1),
  ContainerChanges: answer('containers.changes'),
  ContainerCreate: both('containers.create'),
  ContainerExec: both('exec.create', 1),
  ContainerInspect: answer('containers.inspect'),
  ContainerList: answer('containers.list'),
  ContainerPrune: answer('containers.prune'),
  ContainerStats: { answer: `ReturnType<Docker['containers']['stats']> extends AsyncIterable<infer S> ? S : never` },
  ContainerTop: answer('containers.top'),
  ContainerUpdate: both('containers.update', 1),
  ContainerWait: answer('containers.wait'),
  DistributionInspect: answer('distribution.inspect'),
  ExecInspect: answer('exec.inspect'),
  ExecStart: body('exec.start', 1),
  GetPluginPrivileges: answer('plugins.privileges'),
  ImageAttestations: answer('images.attestations'),
  ImageCommit: both('images.commit', 1),
  ImageDelete: answer('images.remove'),
  ImageHistory: answer('images.history'),
  ImageInspect: answer('images.inspect'),
  ImageList: answer('images.list'),
  ImagePrune: answer('images.prune'),
  ImageSearch: answer('images.search'),
  NetworkConnect: body('networks.connect', 1),
  NetworkCreate: both('networks.create'),
  NetworkDisconnect: body('networks.disconnect', 1),
  NetworkInspect: answer('networks.inspect'),
  NetworkList: answer('networks.list'),
  NetworkPrune: answer('networks.prune'),
  NodeInspect: answer('nodes.inspect'),
  NodeList: answer('nodes.list'),
  NodeUpdate: body('nodes.update', 1),
  PluginInspect: answer('plugins.inspect'),
  PluginList: answer('plugins.list'),
  SecretCreate: both('secrets.create'),
  SecretInspect: answer('secrets.inspect'),
  SecretList: answer('secrets.list'),
  SecretUpdate: body('secrets.update', 1),
  ServiceCreate: both('services.create'),
  ServiceInspect: answer('services.inspect'),
  ServiceList: answer('services.list'),
  ServiceUpdate: both('services.update', 1),
  SwarmInit: body('swarm.init'),
  SwarmInspect: answer('swarm.inspect'),
  SwarmJoin: body('swarm.join'),
  SwarmUnlock: body('swarm.unlock'),
  SwarmUnlockkey: answer('swarm.unlockkey'),
  SwarmUpdate: body('swarm.update'),
  SystemAuth: both('system.auth'),
  SystemDataUsage: answer('system.df'),
  SystemEvents: { answer: `ReturnType<Docker['system']['events']> extends AsyncIterable<infer E> ? E : never` },
  SystemInfo: answer('info'),
  SystemVersion: answer('version'),
  TaskInspect: answer('tasks.inspect'),
  TaskList: answer('tasks.list'),
  VolumeCreate: both('volumes.create'),
  VolumeInspect: answer('volumes.inspect'),
  VolumeList: answer('volumes.list'),
  VolumePrune: answer('volumes.prune'),
  VolumeUpdate: body('volumes.update', 1),
}
