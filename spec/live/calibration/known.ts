// Where the model differs from a real engine on purpose, and why.
import type { ProfileName } from '../../../lib/testing/model/index.ts'

export interface KnownDifference {
  readonly profiles: readonly ProfileName[]
  readonly step: RegExp
  readonly difference: RegExp
  readonly reason: string
}

const DOCKER: readonly ProfileName[] = ['20.10', '26', '28', '28-containerd', '29', '29-containerd']

export const KNOWN: readonly KnownDifference[] = [
  {
    profiles: DOCKER,
    step: /^(?:start on no such network|connect to nothing)$/,
    difference: /^(?:status: 500 → 404|code: "ENGINE_ERROR" → "NOT_FOUND")$/,
    reason:
      'an engine that was ever in a swarm asks the cluster for a network it does not know; the model never was in one',
  },
]
