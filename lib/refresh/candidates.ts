import pMap from 'p-map'

import { isNotFound } from '../base/errors.ts'
import { formatReference, parseReference, type Reference } from '../base/reference.ts'
import { listAll, seeListed, type RefreshEngine, type Seen, type Unreadable } from './container.ts'
import { isTemporaryName } from './marks.ts'
import { isSelected, ownName, type Selection } from './selection.ts'
import { imageTarget, type Target } from './target.ts'

/** A selected container and the reference it was made from. */
export interface Candidate {
  readonly seen: Seen
  /** `undefined` when it was made from an image id: there is no reference to follow. */
  readonly ref: Reference | undefined
  /** It was made from an image id, whole or shortened, and so follows no tag. */
  readonly fromId?: boolean | undefined
}

const ASKS_AT_ONCE = 16

/**
 * The selected containers, of any state, inspected: a list shows a bare id as soon as the tag has moved. Those that
 * cannot be read are left out, and `onUnreadable` is told.
 */
export async function findCandidates(
  engine: RefreshEngine,
  selection: Selection,
  onUnreadable: (one: Unreadable) => void = () => {},
): Promise<Candidate[]> {
  const listed = await listAll(engine)
  // What a replacement has made or parked is no container of its own: its operation tells of it.
  const selected = listed.filter(
    (container) => isSelected(selection, container) && !isTemporaryName(ownName(container) ?? ''),
  )
  const seen = await seeListed(engine, selected, onUnreadable)
  return pMap(seen, (container) => candidateOf(engine, container), { concurrency: ASKS_AT_ONCE })
}

/** Each distinct reference of the candidates, once. */
export function targetsOf(candidates: readonly Candidate[]): Target[] {
  const references = candidates.flatMap(({ ref }) => (ref === undefined ? [] : [formatReference(ref)]))
  return [...new Set(references)].map(imageTarget)
}

async function candidateOf(engine: RefreshEngine, seen: Seen): Promise<Candidate> {
  return (await isFromId(engine, seen)) ? { seen, ref: undefined, fromId: true } : { seen, ref: referenceOf(seen) }
}

// "sha256" cannot be a repository. Hexadecimal digits alone may be a name as well, and a name goes first with an engine: so
// it is asked where they begin the container's image id.
async function isFromId({ images }: RefreshEngine, { view }: Seen): Promise<boolean> {
  const text = view.Config.Image
  const [, algorithm, digits = ''] = /^(sha256:)?([0-9a-f]{1,64})$/.exec(text) ?? []
  if (algorithm !== undefined || digits.length === 64) return true
  if (digits === '' || !view.Image.startsWith(`sha256:${digits}`)) return false
  try {
    const { RepoTags } = await images.inspect(text)
    return !RepoTags.some((tag) => tag === `${text}:latest` || tag.endsWith(`/${text}:latest`))
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}

function referenceOf({ view }: Seen): Reference | undefined {
  try {
    return parseReference(view.Config.Image)
  } catch {
    return undefined
  }
}
