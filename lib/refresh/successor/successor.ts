import { objectAt, textAt, type JsonObject } from '../../base/json.ts'
import type { ImageInspect } from '../../engine/schema/images.ts'
import { SINCE, atLeast } from '../../engine/api-version.ts'
import type { Seen } from '../container.ts'
import { userConfig } from './config.ts'
import { successorHostConfig } from './host-config.ts'
import { networksOf, successorNetworking, type Networking } from './networking.ts'
import { emptyNotes, type Notes } from './notes.ts'
import { isOfPodman } from './podman.ts'
import { clean, mountsOf } from './volumes.ts'

export interface SuccessorInput {
  readonly old: Seen
  /** The old container's image, inspected **by id**: its tag may name the new one already. */
  readonly oldImage: ImageInspect
  readonly newImage: ImageInspect
  readonly apiVersion: string
  /** Raw inspects of the containers in `VolumesFrom`. */
  readonly volumesFrom?: readonly JsonObject[] | undefined
  /** Old id or name → new id or name, for containers that move in the same operation. */
  readonly moved?: ReadonlyMap<string, string> | undefined
}

/** How to make the container that takes the place of another one. */
export interface Successor {
  /** Body of `POST /containers/create`, without marks. */
  readonly body: JsonObject & { Image: string }
  /** Networks to connect between create and start. */
  readonly later: Networking['later']
  /** `os/arch[/variant]` for the create, when the engine tells which one the old container runs. */
  readonly platform: string | undefined
  readonly notes: Notes
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
  moved = new Map(),
}: SuccessorInput): Successor {
  const notes = emptyNotes()
  const config = objectAt(old.raw, 'Config')
  const hostConfig = objectAt(old.raw, 'HostConfig')
  const macAddress = textAt(config, 'MacAddress')
  const networking = successorNetworking(hostConfig, networksOf(old.raw), {
    id: old.id,
    hostname: old.view.Config.Hostname,
    macAddress,
    apiVersion,
    notes,
  })
  const own = userConfig(config, {
    id: old.id,
    oldImage: oldImage.Config,
    podman: isOfPodman(old.raw),
    newImageId: newImage.Id,
    networkMode: networking.networkMode,
    utsMode: textAt(hostConfig, 'UTSMode'),
    published: new Set(Object.keys(objectAt(hostConfig, 'PortBindings'))),
    notes,
  })
  // From 1.44 on the address belongs to the endpoint, where `successorNetworking` put it; below, only here.
  if (atLeast(apiVersion, SINCE['MAC address of an endpoint']) || macAddress === '') delete own['MacAddress']
  const inheritedMounts = new Set(
    volumesFrom.flatMap((source) => mountsOf(source).map((mount) => clean(textAt(mount, 'Destination')))),
  )
  const nextHostConfig = successorHostConfig(old.raw, hostConfig, {
    apiVersion,
    inheritedMounts,
    moved,
    networkMode: networking.networkMode,
    notes,
  })
  return {
    body: {
      ...own,
      Image: old.view.Config.Image,
      HostConfig: nextHostConfig,
      NetworkingConfig: { EndpointsConfig: networking.endpoints },
    },
    later: networking.later,
    platform: platformOf(old.raw),
    notes,
  }
}

// Told by the containerd image store from API 1.48 on, where one reference may hold several platforms.
function platformOf(raw: JsonObject): string | undefined {
  const { os, architecture, variant } = objectAt(objectAt(raw, 'ImageManifestDescriptor'), 'platform')
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  return [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/')
}
