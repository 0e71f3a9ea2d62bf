import { printJson, type JsonObject } from '../../base/json.ts'
import { filtersOf, type Call } from './call.ts'
import { eventJson, type EngineEvent } from './events.ts'
import { moment } from './logs.ts'
import { isSlim } from './profile.ts'
import { nextChange, settle } from './settle.ts'
import type { World } from './world.ts'

/** `GET /events`: what was since `since`, then what comes, until `until` or until the client leaves. */
export async function* events(world: World, { query, signal, version, headers }: Call): AsyncGenerator<Uint8Array> {
  const filters = filtersOf(query)
  const sequence = eventsType(world, { version, headers }).endsWith('json-seq')
  const since = query.get('since')
  const end = moment(query.get('until'), Infinity)
  let last = since === null || since === '' ? (world.state.events.at(-1)?.order ?? 0) : 0
  const from = moment(since, -Infinity)
  for (;;) {
    settle(world)
    const fresh = world.state.events.filter(({ order }) => order > last)
    for (const event of fresh) {
      last = event.order
      if (event.at >= from && event.at <= end && fits(event, filters))
        yield line(eventJson(world, event, version), sequence)
    }
    if (world.clock.now() >= end) return
    if (fresh.length === 0) await change(world, end, signal)
  }
}

async function change(world: World, end: number, signal: AbortSignal): Promise<void> {
  if (end === Infinity) return nextChange(world, signal)
  const over = new AbortController()
  const ended = world.clock.sleep(end - world.clock.now(), over.signal).catch(() => undefined)
  await Promise.race([nextChange(world, signal), ended])
  over.abort()
}

function fits({ type, action, id, attributes }: EngineEvent, filters: ReadonlyMap<string, string[]>): boolean {
  return [...filters].every(([name, values]) => {
    switch (name) {
      case 'type':
        return values.includes(type)
      case 'event':
        return values.some((value) => action === value || action.startsWith(`${value}:`))
      case 'container':
      case 'image':
      case 'network':
      case 'volume':
        return values.some(
          (value) =>
            type === name && (id.startsWith(value) || attributes['name'] === value || attributes['image'] === value),
        )
      case 'label':
        return values.every((value) => {
          const [key = '', wanted] = value.split('=')
          return Object.hasOwn(attributes, key) && (wanted === undefined || attributes[key] === wanted)
        })
      default:
        return true
    }
  })
}

/** Content type of the events: Docker 29 heeds what the client accepts, `jsonl` before `json-seq` before the rest. */
export function eventsType({ profile }: World, { version, headers }: Pick<Call, 'version' | 'headers'>): string {
  const accepted = profile.negotiatesEvents ? (headers['accept'] ?? '') : ''
  const wanted = ['application/jsonl', 'application/x-ndjson', 'application/json-seq'].find((type) =>
    accepted.includes(type),
  )
  return wanted ?? (isSlim(profile, version) ? 'application/jsonl' : 'application/json')
}

// A record of a JSON text sequence begins with 0x1E (RFC 7464).
function line(event: JsonObject, sequence: boolean): Uint8Array {
  return Buffer.from(`${sequence ? '\u001E' : ''}${printJson(event)}\n`)
}
