import { objectAt, textAt, type JsonObject } from '../../base/json.ts'
import type { ImageInspect } from '../../engine/schema/images.ts'
import { SINCE, atLeast } from '../../engine/api-version.ts'
import { stateOf, type Seen } from '../container.ts'
import { userConfig } from './config.ts'
import { successorHostConfig } from './host-config.ts'
import { macAddresses, type MacAddresses } from './mac-addresses.ts'
import { networksOf, ownNetwork, successorNetworking, type Networking } from './networking.ts'
import { emptyNotes, type Notes } from './notes.ts'
import { isOfPodman } from './podman.ts'
import { clean, mountsOf, newlyLent } from './volumes.ts'

export interface SuccessorInput {
  readonly old: Seen
  /** The old container's image, inspected **by id**: its tag may name the new one already. */
  readonly oldImage: ImageInspect
  readonly newImage: ImageInspect
  readonly apiVersion: string
  /** Raw inspects of the containers in `VolumesFrom`. */
  readonly volumesFrom?: readonly JsonObject[] | undefined
  /** Raw inspects of the successors of those that move in the same operation, by the name of the old one. */
  readonly movedLenders?: ReadonlyMap<string, JsonObject> | undefined
  /** MAC addresses to ask for; default that of `Config.MacAddress`. */
  readonly macs?: MacAddresses | undefined
  /** Old id or name → new id or name, for containers that move in the same operation. */
  readonly moved?: ReadonlyMap<string, string> | undefined
}

/** How to make the container that takes the place of another one. */
export interface Successor {
  /** Body of `POST /containers/create`, without marks. */
  readonly body: JsonObject & { Image: string }
  /** Networks to connect between create and start. */
  readonly later: Networking['later']
  /** Networks to disconnect between create and start. */
  readonly leave: Networking['leave']
  /** `os/arch[/variant]` for the create, when the engine tells which one the old container runs. */
  readonly platform: string | undefined
  readonly notes: Notes
  /** What the user ought to know before it matters. */
  readonly warnings: readonly string[]
}

/**
 * The create body of the successor: what the user set on the old container, on the new image. Pure. The rules, one by one
 * and with their sources, stand in the files beside this one.
 */
export function successor({
  old,
  oldImage,
  newImage,
  apiVersion,
  volumesFrom = [],
  movedLenders = new Map(),
  macs,
  moved = new Map(),
}: SuccessorInput): Successor {
  const notes = emptyNotes()
  const config = objectAt(old.raw, 'Config')
  const hostConfig = objectAt(old.raw, 'HostConfig')
  const podman = isOfPodman(old.raw)
  const { byNetwork, untold } = macs ?? macAddresses(old, { apiVersion, containerWide: textAt(config, 'MacAddress') })
  const networks = networksOf(old.raw)
  const networking = successorNetworking(hostConfig, networks, {
    id: old.id,
    hostname: old.view.Config.Hostname,
    podman,
    macAddresses: byNetwork,
    apiVersion,
    notes,
  })
  notes.changed.push(...untold)
  const own = userConfig(config, {
    id: old.id,
    oldImage: oldImage.Config,
    podman,
    newImageId: newImage.Id,
    networkMode: networking.networkMode,
    utsMode: textAt(hostConfig, 'UTSMode'),
    published: new Set(Object.keys(objectAt(hostConfig, 'PortBindings'))),
    notes,
  })
  // From 1.44 on the address belongs to the endpoint, where `successorNetworking` put it; below, only here.
  const main =
    byNetwork.get(ownNetwork(textAt(hostConfig, 'NetworkMode'), networks, podman)) ?? textAt(config, 'MacAddress')
  if (atLeast(apiVersion, SINCE['MAC address of an endpoint']) || main === '') delete own['MacAddress']
  else own['MacAddress'] = main
  const inheritedMounts = new Set(
    volumesFrom.flatMap((source) => mountsOf(source).map((mount) => clean(textAt(mount, 'Destination')))),
  )
  const nextHostConfig = successorHostConfig(old.raw, hostConfig, {
    apiVersion,
    inheritedMounts,
    lent: newlyLent(hostConfig, volumesFrom, movedLenders),
    moved,
    networkMode: networking.networkMode,
    sysctls: networking.sysctls,
    notes,
  })
  noteStopped(old, podman, notes)
  return {
    body: {
      ...own,
      Image: old.view.Config.Image,
      HostConfig: nextHostConfig,
      NetworkingConfig: { EndpointsConfig: networking.endpoints },
    },
    later: networking.later,
    leave: networking.leave,
    platform: platformOf(old.raw),
    notes,
    warnings: warningsFor(old, networking),
  }
}

// A container that never ran is passed over when dockerd starts what has the policy "always" (moby daemon/daemon.go
// `restore`, HasBeenStartedBefore); to run the new image of one that somebody stopped would be worse.
function noteStopped(old: Seen, podman: boolean, notes: Notes): void {
  if (podman || stateOf(old) !== 'exited' || old.view.HostConfig.RestartPolicy.Name !== 'always') return
  notes.changed.push(
    'State: created and not exited, so an engine that restarts does not start it, as its restart policy "always" would have had it: docker start does',
  )
}

function warningsFor(old: Seen, { leave }: Networking): string[] {
  const { Labels } = old.view.Config
  const compose = Labels['com.docker.compose.version'] ?? ''
  return [
    ...(compose.startsWith('1.')
      ? [
          `compose ${compose} made it, which hashes the id of the image into its labels: its next "up -d" re-creates the container or fails; docker compose 2 does not`,
        ]
      : []),
    ...leave.map(
      (network) =>
        `it has left its network ${network}, and so has the new container: docker network connect brings it back`,
    ),
  ]
}

// Told by the containerd image store from API 1.48 on, where one reference may hold several platforms.
function platformOf(raw: JsonObject): string | undefined {
  const { os, architecture, variant } = objectAt(objectAt(raw, 'ImageManifestDescriptor'), 'platform')
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  return [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/')
}
