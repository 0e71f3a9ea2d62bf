import { atLeast } from '../../wire/version.ts'
import type { Words } from './words.ts'

/** The engines that the model can be; `podman` is podman 5. */
export type ProfileName =
  | '20.10'
  | '26'
  | '28'
  | '28-containerd'
  | '29'
  | '29-containerd'
  | 'podman-4'
  | 'podman'
  | 'podman-6'

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
  /** What `State` shows of one that was asked to stop and has not ended: nothing, that it does not run, or a word for it. */
  readonly showsStop: 'nothing' | 'not running' | 'stopping'
  /** How a pull tells what the registry refused: by its status, or in the stream of a 200. */
  readonly pullRefusal: 'status' | 'stream'
  /** A pull that the registry refused has the registry's status; else 500. */
  readonly registryStatus: boolean
  /** When an address or an alias on the default network is refused. */
  readonly checksEndpoints: 'create' | 'start' | 'never'
  /** A MAC address belongs to an endpoint; before engine 25 it is the container's. */
  readonly endpointMac: boolean
  /** The short id is kept among the aliases, as before engine 25; later ones have `DNSNames`. */
  readonly shortIdAlias: boolean
  /** `GwPriority` of an endpoint. */
  readonly gwPriority: boolean
  /** What networks tell of IPv4; undefined where they tell nothing. */
  readonly enableIPv4: boolean | undefined
  /** `Builder-Version` of a ping; empty for none. */
  readonly builder: string
  /** The header `Swarm` of a ping. */
  readonly pingTellsSwarm: boolean
  /** Members of the host configuration for kernel memory, and no annotations, as before engine 23. */
  readonly kernelMemory: boolean
  /** `Runtime` is filled in with the first host setting, or at the first start. */
  readonly lazyRuntime: boolean
  /** `MaskedPaths` of a container that is not privileged. */
  readonly maskedPaths: readonly string[]
  /** Health checks have a start interval. */
  readonly startInterval: boolean
  /** The network of a container that is not there is refused as an engine error. */
  readonly tellsJoin: boolean
  /** The task is made before the networks are joined. */
  readonly taskFirst: boolean
  /** A wait tells `Error`, as null. */
  readonly waitErrorNull: boolean
  /** `GraphDriver.Data.ID` of a container. */
  readonly layerId: boolean
  /** Images tell `VirtualSize` and the container that they were made from, as before engine 25. */
  readonly virtualSize: boolean
  /** A bad subnet is told as a bad network configuration (28). */
  readonly tellsConfig: boolean
  /** Below API 1.44 images tell `VirtualSize`, below 1.45 `ContainerConfig` too. */
  readonly oldImageMembers: boolean
  /** Image configs show the members that only containers use, as before engine 28. */
  readonly wholeImageConfig: boolean
  /** Image lists count the containers of an image. */
  readonly countsUsers: boolean
  /** Volumes that nobody named have the label for it. */
  readonly marksAnonymous: boolean
  /** Answers leave out what Docker 29 dropped at every API version. */
  readonly lean: boolean
  /** API version from which answers leave out the members of old and have the new ones; undefined for never. */
  readonly slimFrom: string | undefined
  /** A start that a taken host port fails takes the network that was joined from the container (Docker 29.7). */
  readonly losesNetwork: boolean
  /** A port binding without an entry is `[{}]`, which publishes; no bindings at all are `{}`. */
  readonly fillsBindings: boolean
  /** Addresses and ports of a body are parsed while it is read. */
  readonly strictBody: boolean
  /** API version from which a connect takes a MAC address; undefined for never. */
  readonly connectMacFrom: string | undefined
  /** Pull lines have a rendered bar. */
  readonly progressBar: boolean
  /** A create warns of links on the default network. */
  readonly warnsOfLinks: boolean
  /** API version from which a system call of one interface is refused; undefined for never. */
  readonly endpointSysctlsFrom: string | undefined
  /** API version from which images tell where they came from, with the containerd store; undefined for never. */
  readonly identityFrom: string | undefined
  /** API version that attestations need; undefined where there is no such call. */
  readonly attestationsFrom: string | undefined
  /** A content type of events that the client prefers is heeded. */
  readonly negotiatesEvents: boolean
  /** podman 4: its API forgets annotations, device rules and the MAC address of a container, and its inspects tell less. */
  readonly oldLibpod: boolean
  readonly words: Words
}

/** Whether answers at this API version leave out the members of old. */
export function isSlim({ slimFrom }: Profile, version: string): boolean {
  return slimFrom !== undefined && atLeast(version, slimFrom)
}
