import { formatReference, parseReference, type Reference } from '../base/reference.ts'
import { listAll, seeListed, type RefreshEngine, type Seen, type Unreadable } from './container.ts'
import { isSelected, type Selection } from './selection.ts'
import { imageTarget, type Target } from './target.ts'

/** A selected container and the reference it was made from. */
export interface Candidate {
  readonly seen: Seen
  /** `undefined` when it was made from an image id: there is no reference to follow. */
  readonly ref: Reference | undefined
}

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
  const selected = listed.filter((container) => isSelected(selection, container))
  const seen = await seeListed(engine, selected, onUnreadable)
  return seen.map((container) => ({ seen: container, ref: referenceOf(container) }))
}

/** Each distinct reference of the candidates, once. */
export function targetsOf(candidates: readonly Candidate[]): Target[] {
  const references = candidates.flatMap(({ ref }) => (ref === undefined ? [] : [formatReference(ref)]))
  return [...new Set(references)].map(imageTarget)
}

function referenceOf({ view }: Seen): Reference | undefined {
  try {
    return parseReference(view.Config.Image)
  } catch {
    return undefined
  }
}
