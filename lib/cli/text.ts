/** 204.1 MB */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  const step = Math.min(Math.floor(Math.log10(count) / 3), units.length)
  return `${(count / 1000 ** step).toFixed(1)} ${units[step - 1]}`
}

/** 0.4 s */
export function duration(ms: number): string {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

/** Foreign text made fit for a line of a terminal: control characters become spaces. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- a name, a label or an engine may hold terminal escapes
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}

/** Rows with their columns aligned, fit for a terminal. */
export function columns(table: readonly (readonly string[])[]): string[] {
  const rows = table.map((row) => row.map(plain))
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)), [])
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
