import pMap from 'p-map'

import { hasCode, isNotFound, messageOf } from '../base/errors.ts'
import type { JsonObject } from '../base/json.ts'
import type { Docker } from '../engine/connect.ts'
import type { ContainerSummary } from '../engine/schema/containers.ts'
import type { Was } from './marks.ts'
import { readView, type ContainerView } from './view.ts'

/** The part of an engine that a refresh uses. */
export interface RefreshEngine extends Pick<Docker, 'apiVersion' | 'containers' | 'images' | 'networks' | 'info'> {
  /**
   * Asked what has become of a stop whose answer was lost, and who ended a new container; without it its exit code tells
   * what it can.
   */
  readonly system?: Pick<Docker['system'], 'events'> | undefined
}

/** A container as one inspect showed it: exactly, and in a form that is easy to read. */
export interface Seen {
  readonly raw: JsonObject
  readonly view: ContainerView
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
}

type Containers = Pick<RefreshEngine, 'containers'>

/** Containers of any state: all, or those that have a label, which may be `KEY=VALUE`. */
export function listAll({ containers }: Containers, label?: string): Promise<ContainerSummary[]> {
  const filters = label === undefined ? undefined : { label: [label] }
  return readAgain(() => containers.list({ all: true, filters }))
}

/** Inspects a container by id or name; `undefined` when there is none. */
export async function see({ containers }: Containers, idOrName: string): Promise<Seen | undefined> {
  try {
    return toSeen(await readAgain(() => containers.inspectRaw(idOrName)))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** A container whose inspect cannot be understood. */
export interface Unreadable {
  readonly id: string
  readonly name: string
  /** As the list shows it: the reference, or an id once its tag has moved. */
  readonly image: string
  /** Names the container. */
  readonly reason: string
}

const INSPECTS_AT_ONCE = 16

/**
 * Inspects listed containers. One that is gone meanwhile is left out; so is one that cannot be read, which `onUnreadable`
 * is told of: a stranger must not stop what is done to others.
 */
export async function seeListed(
  engine: Containers,
  listed: readonly ContainerSummary[],
  onUnreadable: (one: Unreadable) => void,
): Promise<Seen[]> {
  const inspect = async ({ Id, Names, Image }: ContainerSummary): Promise<Seen | undefined> => {
    try {
      return await see(engine, Id)
    } catch (error) {
      if (!hasCode(error, 'PROTOCOL_VIOLATION')) throw error
      const name = (Names[0] ?? Id.slice(0, 12)).replace(/^\//, '')
      onUnreadable({ id: Id, name, image: Image, reason: messageOf(error) })
      return undefined
    }
  }
  const seen = await pMap(listed, inspect, { concurrency: INSPECTS_AT_ONCE })
  return seen.filter((container) => container !== undefined)
}

const TRIES = 3

// podman 4 answers 500 to a list, and to an inspect, while a container ends: "read /proc/…/cgroup: no such process",
// "… does not exist in database".
async function readAgain<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read()
    } catch (error) {
      if (!hasCode(error, 'ENGINE_ERROR') || tries === TRIES) throw error
    }
  }
}

function toSeen(raw: JsonObject): Seen {
  const view = readView(raw)
  return { raw, view, id: view.Id, name: view.Name.replace(/^\//, '') }
}

/** Inspects a container by its very name: an engine takes what begins an id for that container. */
export async function seeNamed(engine: Containers, name: string): Promise<Seen | undefined> {
  const seen = await see(engine, name)
  return seen?.name === name ? seen : undefined
}

export type State = Was | 'removing' | 'dead'

const STATES: Readonly<Record<string, State>> = {
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  stopping: 'running', // podman 4, of one that still has a process
  created: 'created',
  configured: 'created',
  initialized: 'created',
  removing: 'removing',
  dead: 'dead',
}

/** What the container does, in the words of the marks. podman's own words are translated, unknown ones mean `exited`. */
export function stateOf({ view }: Seen): State {
  return STATES[view.State.Status] ?? 'exited'
}

/** True when the container has live processes now. */
export function isUp(seen: Seen): boolean {
  return stateOf(seen) === 'running' || stateOf(seen) === 'paused'
}

/** True when the container has live processes, or will have by itself. */
export function isActive(state: State): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting'
}

const GRACE = 10
const STOP_SLACK = 15_000
// For one that asks to be waited for without an end: so long, and not for ever.
const FOREVER = 3_600_000
const STOP_BOUND = 600_000
// What a timer can hold: 24 days.
const LONGEST = 2 ** 31 - 1

/** Milliseconds to wait for the answer to a stop: what the container may take, and then some. */
export function stopPatience({ view }: Seen): { headersTimeout: number } {
  const grace = view.Config.StopTimeout ?? GRACE
  return { headersTimeout: grace < 0 ? FOREVER : Math.min(grace * 1000 + STOP_SLACK, LONGEST) }
}

/**
 * Milliseconds after which a stop that has not ended is given up. An engine may take longer than the container tells: by
 * a default of its own that no inspect shows (`default-stop-timeout` of dockerd 29), or because the process cannot be
 * killed at once.
 */
export function longestStop(seen: Seen): number {
  return stopPatience(seen).headersTimeout + STOP_BOUND
}
