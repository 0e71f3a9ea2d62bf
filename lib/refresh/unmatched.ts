import { listAll, type RefreshEngine } from './container.ts'
import type { ContainerReport } from './report.ts'
import { ownName, type Selection } from './selection.ts'

/**
 * Reports the names of a selection that no selected container bears. A name is written by somebody who means one container:
 * that it is misspelt, or gone, must not look like success.
 *
 * @param found names of the containers that are selected
 */
export async function unmatchedNames(
  engine: RefreshEngine,
  { names = [] }: Selection,
  found: readonly string[],
): Promise<ContainerReport[]> {
  const unmatched = [...new Set(names)].filter((name) => !found.includes(name))
  if (unmatched.length === 0) return []
  const listed = new Set((await listAll(engine)).map(ownName))
  return unmatched.map((name) => ({
    name,
    id: '',
    image: '',
    outcome: 'failed',
    code: 'NOT_FOUND',
    reason: listed.has(name)
      ? 'it is not selected: the other conditions of the selection do not hold for it'
      : 'no container of the engine has this name',
    warnings: [],
  }))
}
