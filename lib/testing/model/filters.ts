import type { JsonObject } from '../../base/json.ts'
import { hasLabels, isTrue } from './call.ts'
import { refuse } from './refusal.ts'

export type Filters = ReadonlyMap<string, readonly string[]>

/** Refuses a filter that the call does not know, in the engine's words. */
export function checkFilters(filters: Filters, known: readonly string[]): void {
  for (const name of filters.keys()) if (!known.includes(name)) refuse([400, `invalid filter '${name}'`])
}

/** A filter that is true or false; `undefined` when it is not given. */
export function truthOf(filters: Filters, name: string): boolean | undefined {
  const value = filters.get(name)?.[0]
  if (value === undefined) return undefined
  if (!/^(?:true|false|1|0|t|f)$/i.test(value)) refuse([400, `invalid filter '${name}=[${value}]'`])
  return isTrue(value) && !/^f$/i.test(value)
}

/** The moment of an `until` filter, in milliseconds: a duration before now, or a time. */
export function untilOf(filters: Filters, now: number): number {
  const text = filters.get('until')?.[0]
  if (text === undefined) return Infinity
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000
  const parts = [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)]
  if (parts.length === 0) return Date.parse(text)
  const unit = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  return now - parts.reduce((sum, [, n, name]) => sum + Number(n) * unit[name as keyof typeof unit], 0)
}

/** Labels that must be there, and, as `label!`, labels that must not. */
export function labelsFit(filters: Filters, labels: JsonObject | null): boolean {
  const not = filters.get('label!') ?? []
  return hasLabels(labels, filters.get('label')) && !not.some((one) => hasLabels(labels, [one]))
}
