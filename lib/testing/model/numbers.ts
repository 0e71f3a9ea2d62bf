import type { Call } from './call.ts'
import { refuse } from './refusal.ts'
import type { World } from './world.ts'

/** A query parameter that is a whole number, `undefined` when it is absent or empty. */
export function numberIn(world: World, call: Call, name: string): number | undefined {
  const given = call.query.get(name)
  if (given === null || given === '') return undefined
  if (/^[+-]?\d+$/.test(given)) return Number(given)
  const query = call.query.toString()
  return refuse(world.profile.words.badNumber(name, given, `/v${call.version}${call.path}?${query}`))
}

/** Refuses times that the engine does not take: dockerd wants seconds, podman takes RFC 3339 as well. */
export function checkTimes({ profile }: World, { query }: Call, of: 'logs' | 'events'): void {
  for (const name of ['since', 'until']) {
    const given = query.get(name) ?? ''
    if (given === '' || /^-?\d+(?:\.\d+)?$/.test(given)) continue
    if (profile.family === 'podman' && !Number.isNaN(Date.parse(given))) continue
    const said = profile.words.badTime(name, given, of)
    if (said !== undefined) refuse(said)
  }
}
