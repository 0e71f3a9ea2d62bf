/** Twelve digits of an id or digest. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(':') + 1).slice(0, 12)
}

/** 0.4 s, 130 s */
export function duration(ms: number): string {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

/** RFC 3339 without fractions, for people. */
export function when(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
}

/** 1 container, 2 containers */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}
