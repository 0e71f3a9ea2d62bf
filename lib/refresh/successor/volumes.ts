import { posix } from 'node:path'

import { isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import { isTemporaryName } from '../marks.ts'
import type { Notes } from './notes.ts'

/**
 * The `Mounts` of the successor: the old ones, plus each anonymous volume by its name. The engine shows those only in the
 * top-level `Mounts` of an inspect; a create without them makes new, empty ones, and the data is lost to the container.
 *
 * `inherited` are destinations that come from `VolumesFrom` and come from there again, `lent` mounts that a container in
 * `VolumesFrom` has only since it moved.
 */
export function successorMounts(
  raw: JsonObject,
  { inherited, lent }: { readonly inherited: ReadonlySet<string>; readonly lent: readonly JsonObject[] },
  notes: Notes,
): JsonValue[] | undefined {
  const hostConfig = objectAt(raw, 'HostConfig')
  const stated = Array.isArray(hostConfig['Mounts']) ? hostConfig['Mounts'] : []
  const actual = mountsOf(raw)
  const mounts = stated.map((mount) => withSource(mount, actual, notes))
  const taken = new Set([
    ...stated.map((mount) => clean(textAt(mount, 'Target'))),
    ...bindDestinations(hostConfig),
    ...Object.keys(objectAt(hostConfig, 'Tmpfs')).map(clean),
  ])
  for (const volume of actual) {
    const target = textAt(volume, 'Destination')
    if (
      textAt(volume, 'Type') !== 'volume' ||
      textAt(volume, 'Name') === '' ||
      taken.has(clean(target)) ||
      inherited.has(clean(target))
    )
      continue
    mounts.push({ Type: 'volume', Source: textAt(volume, 'Name'), Target: target, ReadOnly: volume['RW'] === false })
    notes.carried.push(`volume ${textAt(volume, 'Name')} at ${target}`)
  }
  const has = new Set([...taken, ...mounts.map((mount) => clean(textAt(mount, 'Target')))])
  for (const mount of lent) {
    if (has.has(clean(textAt(mount, 'Target')))) continue
    mounts.push(mount)
    notes.carried.push(
      `${textAt(mount, 'Source')} at ${textAt(mount, 'Target')}, which a container lends that it has VolumesFrom`,
    )
  }
  return mounts.length === 0 ? undefined : mounts
}

/** Name or id of the container in an entry of `VolumesFrom`: `data`, `data:ro`. */
export function lenderOf(source: string): string {
  return stableName(source.split(':', 1)[0] as string)
}

/** A temporary name without its ending: an older dockline left such names in what it made. */
export function stableName(name: string): string {
  return isTemporaryName(name) ? name.replace(/\.dockline-(?:next|prev)$/, '') : name
}

/**
 * Mounts that the successor of a lender has and the old lender has not: volumes that its new image declares. `VolumesFrom`
 * keeps the lender's final name, which is the old one's when the engine resolves it.
 */
export function newlyLent(
  hostConfig: JsonObject,
  lenders: readonly JsonObject[],
  moved: ReadonlyMap<string, JsonObject>,
): JsonObject[] {
  const sources = Array.isArray(hostConfig['VolumesFrom']) ? hostConfig['VolumesFrom'] : []
  const before = new Set(
    lenders.flatMap((lender) => mountsOf(lender).map((mount) => clean(textAt(mount, 'Destination')))),
  )
  return sources.flatMap((source) => {
    const next = typeof source === 'string' ? moved.get(lenderOf(source)) : undefined
    if (next === undefined || typeof source !== 'string') return []
    const readOnly = (source.split(':')[1] ?? '').split(',').includes('ro')
    return mountsOf(next)
      .filter((mount) => textAt(mount, 'Type') === 'volume' && !before.has(clean(textAt(mount, 'Destination'))))
      .map((mount) => ({
        Type: 'volume',
        Source: textAt(mount, 'Name'),
        Target: textAt(mount, 'Destination'),
        ReadOnly: readOnly || mount['RW'] === false,
      }))
  })
}

/** The top-level `Mounts` of an inspect, without the overlays that podman shows beside its image mounts. */
export function mountsOf(raw: JsonObject): JsonObject[] {
  const mounts = Array.isArray(raw['Mounts']) ? raw['Mounts'].filter(isObject) : []
  const ofImages = new Set(imageTargets(mounts))
  return mounts.filter(
    (mount) => textAt(mount, 'Type') !== 'bind' || !ofImages.has(clean(textAt(mount, 'Destination'))),
  )
}

/** Where images are mounted. */
export function imageTargets(mounts: readonly JsonObject[]): string[] {
  return mounts.filter((mount) => textAt(mount, 'Type') === 'image').map((mount) => clean(textAt(mount, 'Destination')))
}

/** A mount destination in one spelling. */
export function clean(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1')
}

// `--mount type=volume,target=/x` names no source: the engine made one up, and the data is in it.
function withSource(mount: JsonValue, actual: readonly JsonObject[], notes: Notes): JsonValue {
  if (!isObject(mount) || mount['Type'] !== 'volume' || textAt(mount, 'Source') !== '') return mount
  const volume = actual.find((candidate) => clean(textAt(candidate, 'Destination')) === clean(textAt(mount, 'Target')))
  const name = textAt(volume, 'Name')
  if (name === '') return mount
  notes.carried.push(`volume ${name} at ${textAt(mount, 'Target')}`)
  return { ...mount, Source: name }
}

/** Where `Binds` lead: `source:destination[:options]`, and neither a path nor a volume's name holds a colon on Linux. */
export function bindDestinations({ Binds }: JsonObject): string[] {
  const binds = Array.isArray(Binds) ? Binds : []
  return binds.filter((bind) => typeof bind === 'string').map((bind) => clean(bind.split(':')[1] ?? bind))
}
