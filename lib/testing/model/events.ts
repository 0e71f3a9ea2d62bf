import { textAt, type JsonObject } from '../../base/json.ts'
import type { Container } from './container.ts'
import { isSlim } from './profile.ts'
import { now, type World } from './world.ts'

export interface EngineEvent {
  readonly type: 'container' | 'image' | 'network' | 'volume'
  readonly action: string
  readonly id: string
  readonly attributes: JsonObject
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Counts up; tells events of one moment apart, also in their nanoseconds. */
  readonly order: number
}

// dockerd keeps the last 256 for `since` (daemon/events).
const KEPT = 256

export function emit(
  world: World,
  type: EngineEvent['type'],
  action: string,
  id: string,
  attributes: JsonObject,
): void {
  const { state } = world
  const order = ++state.serial
  state.events.push({ type, action, id, attributes, at: now(world), order })
  if (state.events.length > KEPT) state.events.shift()
  world.happened.ring()
}

export function emitContainer(world: World, container: Container, action: string, more: JsonObject = {}): void {
  const labels = container.config['Labels'] as JsonObject | null
  emit(world, 'container', action, container.id, {
    ...labels,
    image: textAt(container.config, 'Image'),
    name: container.name,
    ...more,
  })
}

/** As it goes over the wire. */
export function eventJson(
  world: World,
  { type, action, id, attributes, at, order }: EngineEvent,
  version: string,
): JsonObject {
  const legacy: JsonObject = isSlim(world.profile, version)
    ? {}
    : type === 'container'
      ? { status: action, id, from: attributes['image'] ?? '' }
      : type === 'image'
        ? { status: action, id }
        : {}
  return {
    ...legacy,
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    ...(world.profile.family === 'docker' || type === 'container' ? { scope: 'local' } : {}),
    time: Math.floor(at / 1000),
    timeNano: BigInt(Math.floor(at)) * 1_000_000n + BigInt(order % 1_000_000),
  }
}
