// The worlds in which every call is made to fail.
import { PLAIN } from './plain.ts'
import type { Scenario } from './scenario.ts'
import { RECOVERIES, SPECIAL } from './special.ts'

export const SCENARIOS: readonly Scenario[] = [...PLAIN, ...SPECIAL, ...RECOVERIES]
