import { canonicalJson, isObject, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import type { ImageConfig } from '../../engine/schema/images.ts'
import { isMark } from '../marks.ts'
import type { Notes } from './notes.ts'
import { podmanHealthcheck } from './podman.ts'
import { signalNumber } from './signal.ts'

export interface ConfigContext {
  /** Full id of the old container. */
  readonly id: string
  /** Config of the old image, inspected by id: what the container has of it is not the user's. */
  readonly oldImage: ImageConfig
  /** Made by podman, which merges a container with its image otherwise and shows the defaults of both. */
  readonly podman: boolean
  /** Id of the new image. */
  readonly newImageId: string
  /** `HostConfig.NetworkMode` and `UTSMode` of the old container. */
  readonly networkMode: string
  readonly utsMode: string
  /** Ports in `HostConfig.PortBindings`. */
  readonly published: ReadonlySet<string>
  readonly notes: Notes
}

/**
 * What the user set: the container's config minus the old image's defaults, so that the new image's take their place.
 * A value of the user that equals the old default cannot be told from it and is inherited too, but for the environment. Members that are not
 * named here, and unknown ones, are passed on as they are.
 *
 * How the engine merges: moby daemon/commit.go `merge`.
 */
export function userConfig(config: JsonObject, context: ConfigContext): JsonObject {
  const { oldImage } = context
  const own: JsonObject = { ...config }
  own['Env'] = userEnv(config, context)
  own['Labels'] = userLabels(config, context)
  subtractProgram(own, context)
  subtractHealthcheck(own, context)
  subtractKeys(own, 'ExposedPorts', oldImage.ExposedPorts, context.published, context.notes)
  // Volumes of the container itself are carried as mounts by their names; what is left here would be made anew.
  subtractKeys(own, 'Volumes', oldImage.Volumes, new Set(), context.notes)
  for (const member of ['User', 'WorkingDir', 'StopSignal'] as const) {
    if (own[member] === '' || own[member] === oldImage[member]) inherit(own, member, context.notes)
  }
  if (context.podman) subtractDefaultsOfPodman(own, config, context)
  delete own['OnBuild'] // an image's triggers for builds, no setting of a container
  dropGeneratedHostname(own, context)
  return own
}

// podman shows the default for what neither image nor user set, and the stop signal by its number; docker shows a number
// only where somebody wrote one.
function subtractDefaultsOfPodman(own: JsonObject, config: JsonObject, { oldImage, notes }: ConfigContext): void {
  const signal = textAt(config, 'StopSignal')
  if (signalNumber(signal) === signalNumber(oldImage.StopSignal ?? '')) inherit(own, 'StopSignal', notes)
  if (own['WorkingDir'] === '/' && isEmpty(oldImage.WorkingDir)) inherit(own, 'WorkingDir', notes)
}

function inherit(own: JsonObject, member: string, notes: Notes): void {
  if (own[member] !== undefined && !isEmpty(own[member])) notes.inherited.push(`Config.${member}`)
  delete own[member]
}

function userEnv(config: JsonObject, { id, oldImage, podman, notes }: ConfigContext): JsonValue[] {
  const env = Array.isArray(config['Env']) ? config['Env'] : []
  const own = podman ? notOf(env, [...oldImage.Env, `HOSTNAME=${id.slice(0, 12)}`]) : stated(env, oldImage.Env)
  if (own.length < env.length) notes.inherited.push('Config.Env')
  return own
}

// podman shuffles the entries, and adds the hostname when it starts a container.
function notOf(env: readonly JsonValue[], inherited: readonly string[]): JsonValue[] {
  return env.filter((entry) => typeof entry !== 'string' || !inherited.includes(entry))
}

// dockerd lists what was asked for before what it took of the image, in the image's order (moby daemon/commit.go `merge`):
// an entry that equals the image's and stands before one that is not of the image was asked for.
function stated(env: readonly JsonValue[], inherited: readonly string[]): JsonValue[] {
  for (let count = 0; count <= env.length; count++) {
    const own = env.slice(0, count)
    const keys = new Set(own.map(keyOf))
    const rest = inherited.filter((entry) => !keys.has(keyOf(entry)))
    if (same(env.slice(count), rest)) return own
  }
  return notOf(env, inherited)
}

function keyOf(entry: JsonValue): string {
  return typeof entry === 'string' ? (entry.split('=', 1)[0] as string) : ''
}

function userLabels(config: JsonObject, { oldImage, newImageId, notes }: ConfigContext): JsonObject {
  const labels = isObject(config['Labels']) ? Object.entries(config['Labels']) : []
  const own = labels.filter(([key, value]) => {
    if (isMark(key) || key === 'com.docker.compose.replace') return false
    return !(Object.hasOwn(oldImage.Labels, key) && oldImage.Labels[key] === value)
  })
  if (own.length < labels.length) notes.inherited.push('Config.Labels')
  // compose compares this one with the image its service resolves to, and re-creates what differs.
  const followed = own.map(([key, value]) => {
    if (key !== 'com.docker.compose.image' || value === newImageId) return [key, value] as const
    notes.changed.push(
      'Config.Labels["com.docker.compose.image"]: follows the image, so that compose does not re-create it',
    )
    return [key, newImageId] as const
  })
  return Object.fromEntries<JsonValue>(followed) // fromEntries defines members, so a label "__proto__" stays one
}

// The image's Cmd is inherited only by a request without Entrypoint; an own Entrypoint silences the image's Cmd.
function subtractProgram(own: JsonObject, { oldImage, notes }: ConfigContext): void {
  const { Entrypoint, Cmd } = own
  if (isEmpty(Entrypoint) && oldImage.Entrypoint.length > 0) {
    // `--entrypoint ""` is [""] in a request and null in an inspect; null in a request would be the image's again.
    // [] is shown as it was asked for, and does not silence the image's Cmd.
    own['Entrypoint'] = Array.isArray(Entrypoint) ? [] : ['']
    if (Array.isArray(Entrypoint) && same(Cmd, oldImage.Cmd)) inherit(own, 'Cmd', notes)
    return
  }
  const ownEntrypoint = !same(Entrypoint, oldImage.Entrypoint)
  const restated = !ownEntrypoint && isEmpty(Cmd) && oldImage.Cmd.length > 0
  if (ownEntrypoint || restated) return
  inherit(own, 'Entrypoint', notes)
  if (same(Cmd, oldImage.Cmd)) inherit(own, 'Cmd', notes)
}

// Merged field by field; a zero or absent field takes the image's. podman takes one of the two whole.
function subtractHealthcheck(own: JsonObject, { oldImage, podman, notes }: ConfigContext): void {
  const check = own['Healthcheck']
  if (!isObject(check)) {
    delete own['Healthcheck']
    return
  }
  if (podman) {
    const image = podmanHealthcheck(oldImage.Healthcheck as JsonObject | undefined)
    if (same(podmanHealthcheck(check), image)) inherit(own, 'Healthcheck', notes)
    return
  }
  const inherited = (oldImage.Healthcheck ?? {}) as Readonly<Record<string, unknown>>
  const fields = Object.entries(check).filter(
    ([field, value]) => !isEmpty(value) && value !== 0 && !same(value, inherited[field]),
  )
  if (fields.length === 0) inherit(own, 'Healthcheck', notes)
  else own['Healthcheck'] = Object.fromEntries(fields)
}

// The engine unites these with the image's: what the old image brought must go, or it would stay for ever.
function subtractKeys(
  own: JsonObject,
  member: string,
  inherited: Readonly<Record<string, object>>,
  kept: ReadonlySet<string>,
  notes: Notes,
): void {
  const entries = isObject(own[member]) ? Object.entries(own[member]) : []
  const left = entries.filter(([key]) => kept.has(key) || !Object.hasOwn(inherited, key))
  if (left.length < entries.length) notes.inherited.push(`Config.${member}`)
  if (left.length === 0) delete own[member]
  else own[member] = Object.fromEntries(left)
}

function dropGeneratedHostname(own: JsonObject, { id, networkMode, utsMode, notes }: ConfigContext): void {
  // On the network of the machine a container may have a hostname of its own; without one it got the machine's for good.
  if (networkMode.startsWith('container:') || utsMode === 'host') {
    delete own['Hostname'] // the engine shows the shared one, and refuses one of its own at create
    delete own['Domainname']
  } else if (own['Hostname'] === id.slice(0, 12)) {
    delete own['Hostname']
    notes.changed.push('Config.Hostname: generated from the container id')
  }
}

function same(a: JsonValue | undefined, b: unknown): boolean {
  return (isEmpty(a) && isEmpty(b)) || canonicalJson(a) === canonicalJson(b as JsonValue | undefined)
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0
}
