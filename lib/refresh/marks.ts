import { createHash } from 'node:crypto'

import { canonicalJson, isObject, parseJson, printJson, type JsonObject } from '../base/json.ts'
import type { RestartPolicy } from '../engine/schema/host-config.ts'

/** What the old container was doing when it was looked at. */
export type Was = 'running' | 'paused' | 'restarting' | 'exited' | 'created'

/**
 * The journal of a replacement: labels of the new container, set when it is created. They stay after the commit; a mark
 * whose old container is gone is history and is dropped at the next replacement.
 */
export interface Marks {
  /** Identifier of the operation. */
  readonly op: string
  /** Full id of the old container. */
  readonly replaces: string
  /** The name both are about. */
  readonly name: string
  readonly was: Was
  /** Restart policy of the old container before it was disarmed. */
  readonly restart: RestartPolicy
  /** SHA-256 of the canonical create body without the marks. */
  readonly spec: string
  /** Who runs the operation. */
  readonly holder: string
  /** Seconds after the creation within which it must have ended. */
  readonly lease: number
  /** Place in its group: 0 leads, the others share its namespaces or volumes. */
  readonly member: number
  /** Images that containers of this name ran before, newest first: `repository@id`, at most 16. */
  readonly images?: readonly string[] | undefined
}

const PREFIX = 'dockline.'
/** Label by which unfinished and finished operations are found. */
export const OP_LABEL = 'dockline.op'
/** Label that holds the images that were replaced, the newest first. */
export const IMAGES_LABEL = 'dockline.images'
/** Label that holds the old container's full id. */
export const REPLACES_LABEL = 'dockline.replaces'

/** Label that holds what podman was asked for and does not show. */
export const UNSEEN_LABEL = 'dockline.unseen'

const KEYS = ['op', 'replaces', 'name', 'was', 'restart', 'spec', 'holder', 'lease', 'member', 'images'] as const
const STATES: readonly string[] = ['running', 'paused', 'restarting', 'exited', 'created'] satisfies Was[]

/** The marks as labels. */
export function marksToLabels(marks: Marks): Record<string, string> {
  const { restart, images, ...texts } = marks
  const written = { ...texts, restart: printJson(restart), ...(images === undefined ? {} : { images: images.join() }) }
  return Object.fromEntries(Object.entries(written).map(([key, value]) => [PREFIX + key, String(value)]))
}

/** Reads the marks of a container; `undefined` when it has none, or none that make sense. */
export function readMarks(labels: Readonly<Record<string, string>>): Marks | undefined {
  const get = (key: (typeof KEYS)[number]): string =>
    Object.hasOwn(labels, PREFIX + key) ? (labels[PREFIX + key] as string) : ''
  const restart = readPolicy(get('restart'))
  if (
    get('op') === '' ||
    !/^[0-9a-f]{64}$/.test(get('replaces')) ||
    get('name') === '' ||
    !STATES.includes(get('was')) ||
    restart === undefined
  )
    return undefined
  return {
    op: get('op'),
    replaces: get('replaces'),
    name: get('name'),
    was: get('was') as Was,
    restart,
    spec: get('spec'),
    holder: get('holder'),
    lease: Number(get('lease')) || 0,
    member: Number(get('member')) || 0,
  }
}

/** The images that the marks of a container tell to have been replaced, newest first: `repository@id`. */
export function readImages(labels: Readonly<Record<string, string>>): string[] {
  const text = Object.hasOwn(labels, IMAGES_LABEL) ? (labels[IMAGES_LABEL] as string) : ''
  return text.split(',').filter((image) => /^[^@]+@sha256:[0-9a-f]{64}$/.test(image))
}

/** The images of a successor's marks: the one that its old container runs, and those of that one's own marks. */
export function imagesBefore(repository: string | undefined, id: string, labels: Marks['images'] = []): string[] {
  const images = repository === undefined ? labels : [`${repository}@${id}`, ...labels]
  return [...new Set(images)].slice(0, MOST_IMAGES)
}

const MOST_IMAGES = 16

/** True for a label that a replacement sets and its container did not have. */
export function isMark(label: string): boolean {
  return (
    label === UNSEEN_LABEL ||
    ((KEYS as readonly string[]).includes(label.slice(PREFIX.length)) && label.startsWith(PREFIX))
  )
}

function readPolicy(text: string): RestartPolicy | undefined {
  try {
    const value = parseJson(text)
    if (!isObject(value) || typeof value['Name'] !== 'string') return undefined
    return { Name: value['Name'], MaximumRetryCount: Number(value['MaximumRetryCount'] ?? 0) }
  } catch {
    return undefined
  }
}

/** Hash of a create body. */
export function specHash(body: JsonObject): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex')
}

/** Name of the new container until it takes the old one's. The engine lets only one have it: it is the mutex. */
export function nextName(name: string): string {
  return `${name}.dockline-next`
}

/** Name of the old container while the new one is on trial. */
export function previousName(name: string): string {
  return `${name}.dockline-prev`
}

/** True when somebody has given the container of these marks a name of his own: then it is his. */
export function isTaken(name: string, marks: Pick<Marks, 'name'>): boolean {
  return name !== marks.name && !isTemporaryName(name)
}

/** True for a name that only a replacement in progress uses. */
export function isTemporaryName(name: string): boolean {
  return /\.dockline-(?:next|prev)$/.test(name)
}
