import { posix } from 'node:path'

import { isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import type { Notes } from './notes.ts'

/**
 * The `Mounts` of the successor: the old ones, plus each anonymous volume by its name. The engine shows those only in the
 * top-level `Mounts` of an inspect; a create without them makes new, empty ones, and the data is lost to the container.
 *
 * @param inherited destinations that come from `VolumesFrom` and come from there again
 */
export function successorMounts(
  raw: JsonObject,
  inherited: ReadonlySet<string>,
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
  return mounts.length === 0 ? undefined : mounts
}

/** The top-level `Mounts` of an inspect. */
export function mountsOf(raw: JsonObject): JsonObject[] {
  return Array.isArray(raw['Mounts']) ? raw['Mounts'].filter(isObject) : []
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
