// Real against model: what differs, and what is known to.
import { canonicalJson, isObject, type JsonObject, type JsonValue } from '../../../lib/base/json.ts'
import type { ProfileName } from '../../../lib/testing/model/index.ts'
import { PROFILES } from '../../../lib/testing/model/profiles.ts'
import { KNOWN } from './known.ts'
import type { Seen } from './run.ts'

export interface Row {
  readonly step: string
  readonly real: Seen
  readonly model: Seen
  /** Where they differ, each with the two values. */
  readonly differences: readonly string[]
  /** Why that is accepted. */
  readonly known: readonly string[]
}

export function compare(profile: ProfileName, real: readonly Seen[], model: readonly Seen[]): Row[] {
  return real.map((one, i) => {
    const other = model[i] as Seen
    const all = [
      ...diff('status', one.status, other.status),
      ...diff('code', one.code, other.code),
      ...diff('state', one.state, other.state),
      // podman restates containers in a hundred details; of it the state in short is compared.
      ...(PROFILES[profile].family === 'podman' ? [] : diff('answer', one.whole ?? null, other.whole ?? null)),
    ]
    const reasons = all.map(
      (difference) => KNOWN.find((known) => applies(known, profile, one.step, difference))?.reason,
    )
    return {
      step: one.step,
      real: one,
      model: other,
      differences: all.filter((_, at) => reasons[at] === undefined),
      known: [...new Set(reasons.filter((reason) => reason !== undefined))],
    }
  })
}

function applies(known: (typeof KNOWN)[number], profile: ProfileName, step: string, difference: string): boolean {
  return known.profiles.includes(profile) && known.step.test(step) && known.difference.test(difference)
}

function diff(path: string, real: JsonValue, model: JsonValue): string[] {
  if (canonicalJson(real) === canonicalJson(model)) return []
  if (isObject(real) && isObject(model)) {
    const keys = new Set([...Object.keys(real), ...Object.keys(model)])
    return [...keys].flatMap((key) => diff(`${path}.${key}`, member(real, key), member(model, key)))
  }
  return [`${path}: ${canonicalJson(real).slice(0, 160)} → ${canonicalJson(model).slice(0, 160)}`]
}

function member(object: JsonObject, key: string): JsonValue {
  return object[key] === undefined ? '(absent)' : object[key]
}

function cell({ status, code }: Seen): string {
  return `${status} ${code}`.padEnd(28)
}

/** The table: call × real × model. */
export function table(rows: readonly Row[]): string {
  return rows
    .map(({ step, real, model, differences, known }) => {
      const words = real.status === model.status ? [] : [`      said: ${real.words}`, `      not:  ${model.words}`]
      const mark = differences.length > 0 ? '✗' : known.length > 0 ? '≈' : '✓'
      const notes = [
        ...words,
        ...differences.map((one) => `      ${one}`),
        ...known.map((one) => `      known: ${one}`),
      ]
      return [`${mark} ${step.padEnd(38)} ${cell(real)} ${cell(model)}`.trimEnd(), ...notes].join('\n')
    })
    .join('\n')
}
