/** What became of a container's settings on the way to its successor, by field name. */
export interface Notes {
  /** Came from the old image, will come from the new one. */
  readonly inherited: string[]
  /** Taken along although the create body of old did not hold it: anonymous volumes. */
  readonly carried: string[]
  /** Written otherwise than before, with the reason. */
  readonly changed: string[]
  /** Left behind, with the reason. */
  readonly dropped: string[]
}

export function emptyNotes(): Notes {
  return { inherited: [], carried: [], changed: [], dropped: [] }
}
