import type { Filters } from '../wire/query.ts'

/** What of the unused is removed. */
export interface PruneOptions {
  /** `until`, `label`, `label!`; of images `dangling`, of volumes `all` too. */
  readonly filters?: Filters | undefined
}
