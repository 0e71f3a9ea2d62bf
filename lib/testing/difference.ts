import { canonicalJson, isObject, textAt, type JsonObject, type JsonValue } from '../base/json.ts'
import { literal } from '../base/literal.ts'
import { SCRUBBED } from './secrets.ts'

/** Where two values differ first; `undefined` stands for a member that is not there. */
export interface Difference {
  /** From `$`, as JSONPath writes it: `$.HostConfig.Binds[0]`. */
  readonly path: string
  readonly asked: JsonValue | undefined
  readonly recorded: JsonValue | undefined
}

/**
 * Members of bodies whose lists have no order for an engine, and that programs write in any: the docker CLI sends `Env`
 * from a map, compose 1 `Binds` and `Aliases` from sets. The bindings of one port and the lists in `filters` are such too.
 * Lower-case names are those of libpod.
 */
export const UNORDERED: readonly string[] = [
  'Aliases',
  'Binds',
  'CapAdd',
  'CapDrop',
  'DeviceCgroupRules',
  'Devices',
  'DnsOptions',
  'Env',
  'ExtraHosts',
  'GroupAdd',
  'Links',
  'MaskedPaths',
  'Mounts',
  'ReadonlyPaths',
  'SecurityOpt',
  'Ulimits',
  'VolumesFrom',
  'aliases',
  'cap_add',
  'cap_drop',
  'groups',
  'hostadd',
  'mounts',
  'portmappings',
  'volumes',
]

const PORT = /^\d+(?:-\d+)?\/\w+$/

/** Where `asked` differs from `recorded`; what was scrubbed there may be anything here. */
export function firstDifference(
  asked: JsonValue | undefined,
  recorded: JsonValue | undefined,
  at: At = { path: '$', isSet: false },
): Difference | undefined {
  if (Array.isArray(asked) && Array.isArray(recorded))
    return at.isSet ? differenceOfSets(asked, recorded, at) : differenceOfLists(asked, recorded, at)
  if (isObject(asked) && isObject(recorded)) return differenceOfObjects(asked, recorded, at)
  const isSame =
    typeof asked === 'string' && typeof recorded === 'string'
      ? isSameText(asked, recorded)
      : canonicalJson(asked) === canonicalJson(recorded)
  return isSame ? undefined : { path: at.path, asked, recorded }
}

interface At {
  readonly path: string
  /** A list here has no order; within `filters` all the way down. */
  readonly isSet: boolean
  readonly isFilter?: boolean
}

/** Whether a text is the recorded one. */
export function isSameText(asked: string, recorded: string): boolean {
  if (!recorded.includes(SCRUBBED)) return asked === recorded
  return new RegExp(`^${recorded.split(SCRUBBED).map(literal).join('.*')}$`, 's').test(asked)
}

function differenceOfObjects(asked: JsonObject, recorded: JsonObject, at: At): Difference | undefined {
  const names = new Set([...Object.keys(recorded), ...Object.keys(asked)])
  for (const name of names) {
    const found = firstDifference(asked[name], recorded[name], memberAt(at, name))
    if (found !== undefined) return found
  }
  return undefined
}

function differenceOfLists(
  asked: readonly JsonValue[],
  recorded: readonly JsonValue[],
  at: At,
): Difference | undefined {
  for (let i = 0; i < Math.max(asked.length, recorded.length); i++) {
    const found = firstDifference(asked[i], recorded[i], { ...at, path: `${at.path}[${i}]` })
    if (found !== undefined) return found
  }
  return undefined
}

function differenceOfSets(asked: readonly JsonValue[], recorded: readonly JsonValue[], at: At): Difference | undefined {
  const left = [...asked.keys()]
  const missing: JsonValue[] = []
  // What is scrubbed matches more than one: the exact ones first.
  for (const item of recorded.toSorted((a, b) => vagueness(a) - vagueness(b))) {
    const found = left.findIndex((i) => firstDifference(asked[i], item) === undefined)
    if (found < 0) missing.push(item)
    else left.splice(found, 1)
  }
  const index = left.find((i) => missing.some((item) => nameOf(item) === nameOf(asked[i]))) ?? left[0]
  const item = missing.find((item) => nameOf(item) === nameOf(asked[index ?? -1])) ?? missing[0]
  if (index === undefined && item === undefined) return undefined
  const path = `${at.path}[${index ?? recorded.indexOf(item as JsonValue)}]`
  const value = index === undefined ? undefined : asked[index]
  return isObject(value) && isObject(item)
    ? firstDifference(value, item, { ...at, path })
    : { path, asked: value, recorded: item }
}

// NAME of NAME=VALUE, the target of a mount: what tells which of two sets' members belong together.
function nameOf(item: JsonValue | undefined): string {
  if (typeof item === 'string') return item.split(/[=:]/, 1)[0] as string
  return textAt(item, 'Target') || textAt(item, 'Name') || textAt(item, 'HostPort')
}

// The shorter what is left of it beside stars, the more it matches.
function vagueness(item: JsonValue): number {
  const text = canonicalJson(item)
  return text.includes(SCRUBBED) ? 1 / (1 + text.length) + 1 : 0
}

function memberAt({ path, isFilter }: At, name: string): At {
  const isWithin = isFilter === true || name === 'filters'
  return {
    path: /^\w+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`,
    isSet: isWithin || UNORDERED.includes(name) || PORT.test(name),
    isFilter: isWithin,
  }
}
