import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join('fixtures', 'engine')

/** The engines that were recorded: `docker-28.5-1.51`, … */
export const ENGINES: readonly string[] = readdirSync(ROOT).toSorted()

/** The exchange file of a case. */
export function fixture(engine: string, name: string): string {
  return join(ROOT, engine, `${name}.json`)
}

/** The directory of an engine's cases. */
export function fixturesOf(engine: string): string {
  return join(ROOT, engine)
}
