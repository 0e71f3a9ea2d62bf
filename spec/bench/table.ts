import type { Name } from './contenders.ts'

/** A row of the report: a number for each contender, and what is promised of dockline's. */
export interface Row {
  readonly what: string
  readonly unit: 'ms' | 'MB'
  readonly values: ReadonlyMap<Name, number>
  readonly budget?: Budget | undefined
}

/** `ratio` of the faster raw one, at least; or a limit in the row's unit; and whether to be ahead of the peers. */
export interface Budget {
  readonly ratio?: number | undefined
  readonly raw?: readonly Name[] | undefined
  readonly limit?: number | undefined
  readonly aheadOfPeers?: boolean | undefined
}

const PEERS = ['dockerode', '@docker/node-sdk'] as const

/** Prints all rows and whether the budgets hold; gives false when one does not. */
export function printTable(rows: readonly Row[], names: readonly Name[]): boolean {
  const lines = rows.map((row) => [row.what, ...names.map((name) => cell(row, name)), promise(row), verdict(row)])
  const head = ['', ...names, 'promised', 'holds']
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => (line[column] as string).length)))
  for (const line of [head, widths.map((width) => '-'.repeat(width)), ...lines])
    console.log(
      line
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[0] as number) : text.padStart(widths[column] as number),
        )
        .join('  '),
    )
  return !lines.some((line) => line.at(-1) === 'NO')
}

function cell({ values, unit, budget }: Row, name: Name): string {
  const value = values.get(name)
  if (value === undefined) return '–'
  const text = `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
  const fastest = rawTime(values, budget)
  return fastest === undefined || unit !== 'ms' ? text : `${text} ${(fastest / value).toFixed(2)}`
}

function rawTime(values: Row['values'], budget: Budget | undefined): number | undefined {
  const raw = (budget?.raw ?? ['node:http', 'undici']).flatMap((name) => values.get(name) ?? [])
  return raw.length === 0 ? undefined : Math.min(...raw)
}

function promise({ unit, budget }: Row): string {
  const { ratio, limit, raw, aheadOfPeers } = budget ?? {}
  return [
    ratio === undefined ? '' : `≥ ${ratio} of ${raw?.join(', ') ?? 'raw'}`,
    limit === undefined ? '' : `< ${limit} ${unit}`,
    aheadOfPeers === true ? 'ahead of peers' : '',
  ]
    .filter((text) => text !== '')
    .join(', ')
}

function verdict({ values, budget }: Row): string {
  if (budget === undefined) return ''
  const own = values.get('dockline') as number
  const fastest = rawTime(values, budget)
  const kept = [
    budget.ratio === undefined || fastest === undefined || fastest / own >= budget.ratio,
    budget.limit === undefined || own < budget.limit,
    budget.aheadOfPeers !== true || PEERS.every((peer) => own < (values.get(peer) ?? Infinity)),
  ]
  return kept.every(Boolean) ? 'yes' : 'NO'
}
