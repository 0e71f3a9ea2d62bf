// The invariants of DESIGN §3, and how often each was looked at.
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11'

/** Counts checks and keeps what was violated: an error thrown inside a call would be taken for one of the engine. */
export interface Checks {
  readonly counts: Map<Invariant, number>
  readonly violations: string[]
  readonly check: (invariant: Invariant, holds: boolean, what: () => string) => void
}

export function createChecks(): Checks {
  const counts = new Map<Invariant, number>()
  const violations: string[] = []
  return {
    counts,
    violations,
    check: (invariant, holds, what) => {
      counts.set(invariant, (counts.get(invariant) ?? 0) + 1)
      if (!holds && violations.length < 10) violations.push(`${invariant}: ${what()}`)
    },
  }
}
