import type { ContainerSummary } from '../engine/schema/containers.ts'

/** Which containers may be touched. All conditions that are given must hold; none given selects nothing. */
export interface Selection {
  /** Exact names. */
  readonly names?: readonly string[] | undefined
  readonly namePrefix?: string | undefined
  /** `key` or `key=value`; all must be there. */
  readonly labels?: readonly string[] | undefined
  /** Every container of the engine. */
  readonly all?: boolean | undefined
}

/** True when the selection says anything at all. */
export function isSelective(selection: Selection): boolean {
  return (
    selection.all === true ||
    (selection.namePrefix ?? '') !== '' ||
    (selection.names ?? []).length > 0 ||
    (selection.labels ?? []).length > 0
  )
}

/**
 * True when the container is selected. Judged here and not by the engine's filters: its name filter is an unanchored
 * regular expression, which finds `news-1` for `ws-`.
 */
export function isSelected(selection: Selection, container: Pick<ContainerSummary, 'Names' | 'Labels'>): boolean {
  if (!isSelective(selection)) return false
  const name = ownName(container)
  if (name === undefined) return false
  if ((selection.names ?? []).length > 0 && !selection.names?.includes(name)) return false
  if (selection.namePrefix !== undefined && !name.startsWith(selection.namePrefix)) return false
  return (selection.labels ?? []).every((label) => hasLabel(container.Labels, label))
}

/** The container's own name: a list also shows link aliases such as `/other/alias`. */
export function ownName({ Names }: Pick<ContainerSummary, 'Names'>): string | undefined {
  return Names.map((name) => name.replace(/^\//, '')).find((name) => name !== '' && !name.includes('/'))
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=')
  const key = equals < 0 ? wanted : wanted.slice(0, equals)
  return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === wanted.slice(equals + 1))
}
