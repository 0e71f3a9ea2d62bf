import pMap from 'p-map'

import { formatReference, parseReference, type Reference } from '../base/reference.ts'
import { listAll, see, type RefreshEngine, type Seen } from './container.ts'
import { isSelected, type Selection } from './selection.ts'
import { imageTarget, type Target } from './target.ts'

/** A selected container and the reference it was made from. */
export interface Candidate {
  readonly seen: Seen
  /** `undefined` when it was made from an image id: there is no reference to follow. */
  readonly ref: Reference | undefined
}

const INSPECTS_AT_ONCE = 16

/** The selected containers, of any state, inspected: a list shows a bare id as soon as the tag has moved. */
export async function findCandidates(engine: RefreshEngine, selection: Selection): Promise<Candidate[]> {
  const listed = await listAll(engine)
  const selected = listed.filter((container) => isSelected(selection, container))
  const seen = await pMap(selected, ({ Id }) => see(engine, Id), { concurrency: INSPECTS_AT_ONCE })
  return seen
    .filter((container) => container !== undefined)
    .map((container) => ({ seen: container, ref: referenceOf(container) }))
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
