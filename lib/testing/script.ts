import type { Exchange, RecordedRequest, Recording } from './exchange-file.ts'
import { describeDifference, describeRequest, matchKey, nearness, isRecorded, type MatchKey } from './match.ts'

/** What a replay is made from, and what was made of it. */
export interface Script {
  /**
   * The exchange that answers a request, or why there is none. The request is read once for each recording, with what
   * that recording replaces.
   */
  take(read: (recording: Recording) => RecordedRequest): Exchange | { readonly problem: string }
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
  readonly recording: Recording
  readonly key: MatchKey
  used: boolean
}

/**
 * Deals out exchanges: equal requests get their answers in the recorded order, each once; an exchange with `when` only
 * in that state.
 */
export function createScript(recordings: readonly Recording[], options: ScriptOptions = {}): Script {
  const lines = recordings.flatMap((recording) =>
    recording.exchanges.map((exchange): Line => {
      return { exchange, recording, key: matchKey(exchange.request), used: false }
    }),
  )
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
    take: (read) => {
      const keys = new Map(recordings.map((recording) => [recording, matchKey(read(recording))]))
      const keyFor = (line: Line): MatchKey => keys.get(line.recording) as MatchKey
      if (lines.length === 0) return refuse(`not recorded: ${askedOf(read)}; nothing is`)
      const same = lines.filter((line) => isRecorded(keyFor(line), line.key))
      const next = same.find((line) => !line.used && (line.exchange.when ?? state) === state)
      if (next === undefined) {
        const last = same.findLast((line) => line.used && (line.exchange.when ?? state) === state)
        return options.repeat === true && last !== undefined ? use(last) : refuse(why(keyFor, same, lines, state))
      }
      const due = lines.find((line) => !line.used) as Line
      if (options.strictOrder === true && due !== next)
        return refuse(`asked out of order: ${describeRequest(keyFor(next))}; due was ${describeRequest(due.key)}`)
      return use(next)
    },
  }
}

function askedOf(read: (recording: Recording) => RecordedRequest): string {
  return describeRequest(matchKey(read({ exchanges: [], replace: [] })))
}

function why(keyFor: (line: Line) => MatchKey, same: readonly Line[], lines: readonly Line[], state: string): string {
  const [first] = same
  if (first !== undefined) {
    const asked = describeRequest(keyFor(first))
    const waiting = same.filter((line) => !line.used).map((line) => `"${line.exchange.when ?? ''}"`)
    if (waiting.length > 0) return `not in the state ${waiting.join(' or ')}, but in "${state}": ${asked}`
    return `asked ${same.length + 1} times, recorded ${same.length}: ${asked}`
  }
  // Of two that are as near the one that is still due.
  const near = lines.map((line) => ({ line, score: nearness(keyFor(line), line.key) - (line.used ? 0.01 : 0) }))
  const closest = near.toSorted((a, b) => b.score - a.score)[0]?.line as Line
  const key = keyFor(closest)
  return `not recorded: ${describeRequest(key)}; closest is ${describeRequest(closest.key)}, which ${describeDifference(key, closest.key)}`
}
