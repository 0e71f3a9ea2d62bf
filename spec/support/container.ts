import { readFileSync } from 'node:fs'

import { isObject, objectAt, parseJson, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import { imageInspect, type ImageInspect } from '../../lib/engine/schema/images.ts'
import type { Seen } from '../../lib/refresh/container.ts'
import { readView } from '../../lib/refresh/view.ts'
import { successor, type Successor } from '../../lib/refresh/successor/successor.ts'

/** Engines whose inspect of a running container `ws-1` was recorded. */
export type Recording = 'docker-20.10' | 'docker-28.5' | 'podman-5.8'

/** Id of the recorded containers. */
export const ID: string = 'c0ffee'.padEnd(64, '0')
export const SHORT_ID: string = ID.slice(0, 12)

/** What differs from the recording: members of each part are laid over it, `undefined` takes one away. */
export interface Change {
  readonly top?: Overlay
  readonly Config?: Overlay
  readonly HostConfig?: Overlay
  readonly State?: Overlay
  /** Replaces the recorded networks. */
  readonly Networks?: Readonly<Record<string, JsonValue>>
  readonly Ports?: JsonObject
  readonly Mounts?: JsonValue[]
}

export type Overlay = Readonly<Record<string, JsonValue | undefined>>

const recordings = new Map<Recording, string>()

/** A raw inspect: the recording with some changes. */
export function rawContainer(change: Change = {}, recording: Recording = 'docker-28.5'): JsonObject {
  const file = new URL(`inspects/${recording}.json`, import.meta.url)
  const text = recordings.get(recording) ?? readFileSync(file, 'utf8')
  recordings.set(recording, text)
  const raw = laidOver(parseJson(text) as JsonObject, change.top)
  for (const part of ['Config', 'HostConfig', 'State'] as const) raw[part] = laidOver(objectAt(raw, part), change[part])
  const settings = objectAt(raw, 'NetworkSettings')
  if (change.Networks !== undefined) settings['Networks'] = { ...change.Networks }
  if (change.Ports !== undefined) settings['Ports'] = change.Ports
  if (change.Mounts !== undefined) raw['Mounts'] = change.Mounts
  return raw
}

function laidOver(base: JsonObject, overlay: Overlay = {}): JsonObject {
  const members = Object.entries({ ...base, ...overlay }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members) as JsonObject
}

/** A container as one inspect showed it. */
export function seenOf(raw: JsonObject): Seen {
  const view = readView(raw)
  return { raw, view, id: view.Id, name: view.Name.replace(/^\//, '') }
}

export function seen(change: Change = {}, recording?: Recording): Seen {
  return seenOf(rawContainer(change, recording))
}

/** An image with this config and nothing else in it. */
export function image(config: Overlay = {}, Id = 'sha256:new'): ImageInspect {
  const Config = laidOver({}, config)
  return imageInspect.parse({ Id, RepoTags: [], RepoDigests: [], Architecture: 'amd64', Os: 'linux', Size: 1, Config })
}

/** The image of the recordings, as an engine shows it. */
export function recordedImage(config: Overlay = {}, Id?: string): ImageInspect {
  const inherited = {
    Env: ['PATH=/bin', 'TEMPLATE_VERSION=v1', 'ONLY_IN_V1=1'],
    Cmd: ['/bin/sh', '-c', "trap 'exit 0' TERM; echo hermes v1; while :; do sleep 0.2; done"],
    Labels: {
      'lab.only-in-v1': 'yes',
      'org.opencontainers.image.revision': 'rev-v1',
      'org.opencontainers.image.version': 'v1',
    },
  }
  return image({ ...inherited, ...config }, Id ?? 'sha256:old')
}

export interface PlanOptions {
  readonly recording?: Recording
  /** Config of the old image on top of the recorded one's. */
  readonly oldImage?: Overlay
  readonly newImage?: Overlay
  readonly apiVersion?: string
  readonly moved?: ReadonlyMap<string, string>
  readonly volumesFrom?: readonly JsonObject[]
}

/** Plans the successor of the recorded container with some changes. */
export function planOf(change: Change = {}, options: PlanOptions = {}): Successor {
  const { recording = 'docker-28.5', apiVersion = recording === 'docker-20.10' ? '1.41' : '1.51' } = options
  return successor({
    old: seen(change, recording),
    oldImage: recordedImage(options.oldImage),
    newImage: image(options.newImage),
    apiVersion,
    moved: options.moved,
    volumesFrom: options.volumesFrom,
  })
}

/** A member of the planned body, or of its `HostConfig`. */
export function member(plan: Successor, name: string): JsonValue | undefined {
  const body: JsonObject = plan.body
  return Object.hasOwn(body, name) ? body[name] : objectAt(body, 'HostConfig')[name]
}

/** The endpoints that go into the create body. */
export function endpointsOf(plan: Successor): JsonObject {
  return objectAt(objectAt(plan.body, 'NetworkingConfig'), 'EndpointsConfig')
}

/** JSON as an engine would send it: with members such as `__proto__`, and integers that no double holds. */
export function json(text: string): JsonObject {
  const value = parseJson(text)
  if (!isObject(value)) throw new Error(`not an object: ${text}`)
  return value
}
