import type { Exchange, RecordedRequest } from './exchange-file.ts'
import { describeDifference, describeRequest, matchKey, nearness, isRecorded, type MatchKey } from './match.ts'

/** What a replay is made from, and what was made of it. */
export interface Script {
  /** The exchange that answers this request, or why there is none. */
  take(request: RecordedRequest): Exchange | { readonly problem: string }
  /** What was asked but not recorded, and asked more often than recorded. */
  readonly problems: readonly string[]
  /** Exchanges that were never asked for. */
  unasked(): Exchange[]
  note(problem: string): void
}

export interface ScriptOptions {
  /** Requests must come in the recorded order; default any order. */
  readonly strictOrder?: boolean | undefined
  /** A request that is asked more often than recorded gets its last answer again; default that is a mismatch. */
  readonly repeat?: boolean | undefined
}

interface Line {
  readonly exchange: Exchange
  readonly key: MatchKey
  used: boolean
}

/**
 * Deals out exchanges: equal requests get their answers in the recorded order, each once; an exchange with `when` only
 * in that state.
 */
export function createScript(exchanges: readonly Exchange[], options: ScriptOptions = {}): Script {
  const lines = exchanges.map((exchange): Line => ({ exchange, key: matchKey(exchange.request), used: false }))
  const problems: string[] = []
  let state = ''

  const use = (line: Line): Exchange => {
    line.used = true
    state = line.exchange.then ?? state
    return line.exchange
  }

  const refuse = (problem: string): { problem: string } => {
    problems.push(problem)
    return { problem }
  }

  return {
    problems,
    note: (problem) => void problems.push(problem),
    unasked: () => lines.filter((line) => !line.used).map((line) => line.exchange),
    take: (request) => {
      const key = matchKey(request)
      const same = lines.filter((line) => isRecorded(key, line.key))
      const next = same.find((line) => !line.used && (line.exchange.when ?? state) === state)
      if (next === undefined) {
        const last = same.findLast((line) => line.used && (line.exchange.when ?? state) === state)
        return options.repeat === true && last !== undefined ? use(last) : refuse(why(key, same, lines, state))
      }
      const due = lines.find((line) => !line.used) as Line
      if (options.strictOrder === true && due !== next)
        return refuse(`asked out of order: ${describeRequest(key)}; due was ${describeRequest(due.key)}`)
      return use(next)
    },
  }
}

function why(key: MatchKey, same: readonly Line[], lines: readonly Line[], state: string): string {
  const asked = describeRequest(key)
  const waiting = same.filter((line) => !line.used).map((line) => `"${line.exchange.when ?? ''}"`)
  if (waiting.length > 0) return `not in the state ${waiting.join(' or ')}, but in "${state}": ${asked}`
  if (same.length > 0) return `asked ${same.length + 1} times, recorded ${same.length}: ${asked}`
  const closest = lines.toSorted((a, b) => nearness(key, b.key) - nearness(key, a.key))[0]
  if (closest === undefined) return `not recorded: ${asked}; nothing is`
  return `not recorded: ${asked}; closest is ${describeRequest(closest.key)}, which ${describeDifference(key, closest.key)}`
}
