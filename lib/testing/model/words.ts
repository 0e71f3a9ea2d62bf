import type { Said } from './refusal.ts'

/** What an engine says to each refusal. One function for each cause; the texts are those of the real engines. */
export interface Words {
  noContainer(name: string): Said
  noContainerToKill(name: string): Said
  noContainerToRemove(name: string): Said
  noContainerToWait(name: string): Said
  ambiguous(prefix: string): Said
  nameTaken(name: string, holder: string): Said
  renameTaken(name: string, holder: string): Said
  badName(name: string): Said
  badRename(name: string): Said
  emptyRename(): Said
  /** Nothing where a rename to the same name is fine. */
  sameName(): Said | undefined
  bodyMissing(): Said
  bodyBroken(cause: string): Said
  bodyType(type: string): Said | undefined
  noCommand(): Said
  hostnameShared(): Said | undefined
  /** Nothing where a container may be created on several networks at any API version. */
  severalEndpoints(names: string): Said | undefined
  autoRemoveWithPolicy(): Said
  badPolicy(name: string): Said
  badPolicyCount(name: string): Said | undefined
  /** Nothing where containers can be updated. */
  noUpdate(): Said | undefined
  autoRemovePolicy(): Said | undefined
  badUpdatePolicy(name: string): Said
  badUpdateCount(name: string): Said
  duplicateMount(path: string): Said
  badVolumeName(name: string): Said
  badBindSource(source: string): Said
  running(container: Named): Said
  paused(container: Named): Said
  removing(name: string): Said
  markedForRemoval(container: Named): Said
  startPaused(container: Named): Said
  stopPaused(container: Named): Said | undefined
  alreadyPaused(container: Named): Said
  notPaused(container: Named): Said
  pauseStopped(container: Named): Said
  killStopped(container: Named, name: string): Said
  badSignal(signal: string, name: string): Said
  badCondition(condition: string): Said | undefined
  cannotStart(program: string): Said
  joinStopped(container: Named): Said
  noLogs(path: string): Said
  /** A query parameter that is no number. */
  badNumber(name: string, given: string, path: string): Said
  /** Nothing where the engine finds nothing wrong with it. */
  badTime(name: string, given: string, of: 'logs' | 'events'): Said | undefined
  noExec(id: string): Said
  noExecCommand(): Said
  execAgain(exec: { id: string; container: string }): Said | undefined
  execStopped(container: Named): Said
  noFile(path: string, name: string): Said
  noPath(): Said
  noImage(name: string): Said
  noImageToCreate(name: string): Said
  noImageToTag(name: string): Said
  badReference(text: string, rule: 'case' | 'format', use: 'inspect' | 'tag' | 'pull' | 'create'): Said
  imageUsed(ref: string, container: Named, image: string): Said
  imageIdUsed(id: string, container: Named, running: boolean): Said
  imageShared(id: string): Said
  noNetwork(name: string): Said
  noNetworkToRemove(name: string): Said
  networkTaken(name: string): Said
  poolOverlaps(subnet: string): Said
  networkUsed(network: { name: string; id: string }, endpoint: { name: string; id: string }): Said
  networkFixed(name: string): Said
  connected(container: Named, network: string): Said
  notConnected(container: Named, network: string): Said
  privateNetwork(): Said
  addressOnDefault(): Said
  aliasOnDefault(): Said
  addressTaken(address: string, holder: string): Said
  addressOutside(address: string): Said
  /** An address on a network whose subnet the engine chose. */
  addressUnwanted(): Said
  noPool(): Said
  portTaken(port: PortClash): Said
  startNetwork(said: Said): Said
  noVolume(name: string): Said
  noVolumeToInspect(name: string): Said
  volumeUsed(name: string, users: readonly string[]): Said
  notFound(): Said
}

export interface Named {
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
  readonly status: string
}

export interface PortClash {
  readonly name: string
  readonly endpoint: string
  readonly ip: string
  readonly port: string
}

/** Twelve digits of an id. */
export function shortId(id: string): string {
  return id.replace('sha256:', '').slice(0, 12)
}
