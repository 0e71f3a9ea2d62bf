// The worlds in which every call is made to fail.
import { ORDERED } from './ordered.ts'
import { PLAIN } from './plain.ts'
import type { Scenario } from './scenario.ts'
import { RECOVERIES, SPECIAL } from './special.ts'

export const SCENARIOS: readonly Scenario[] = [...PLAIN, ...SPECIAL, ...ORDERED, ...RECOVERIES]
