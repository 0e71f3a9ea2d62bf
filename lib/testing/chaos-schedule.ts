import { InputError } from '../base/errors.ts'

/** What is done to one call. */
export type ChaosAction =
  | { readonly verb: 'off' | 'hang' | 'reset-before' | 'reset-after' | 'dup' }
  | { readonly verb: 'delay'; readonly ms: number }
  | { readonly verb: 'status-before' | 'status-after'; readonly status: number }
  | { readonly verb: 'truncate'; readonly bytes: number }
  | { readonly verb: 'drip'; readonly bytesPerSecond: number }
  | { readonly verb: 'run-before' | 'run-after'; readonly name: string }

/** The calls that a rule is about, and what is done to the first, the second, … of them. */
export interface ChaosRule {
  /** `*` matches every method. */
  readonly method: string
  /** Matches the whole path, without version prefix and query. */
  readonly path: RegExp
  readonly terms: readonly ChaosTerm[]
}

export interface ChaosTerm {
  /** How many calls; `Infinity` for all that follow. */
  readonly times: number
  readonly action: ChaosAction
}

/** The action for the next call; `off` when no rule is about it. */
export type ChaosSchedule = (method: string, path: string) => ChaosAction

const RULE = /^(\*|[A-Z]+) (\S+):\s+(.+)$/
const TERM = /^(?:(\d+)\*)?([a-z-]+)(?:\(([^()]*)\))?$/

/**
 * Reads a schedule: one rule a line (or `;`), `METHOD PATH-REGEXP: TERM->TERM->…`, for instance
 * `POST /containers/[^/]+/stop: 2*off->1*reset-after->off`. A term is `[COUNT*]VERB[(ARGUMENT)]`; without a count it holds
 * for all calls that follow, and after the last one calls go through untouched. The first rule that matches decides.
 *
 * @throws InputError `INPUT_INVALID` naming the part that cannot be read, or cannot be: a status that is none, a count of 0,
 * a term or rule that is never reached
 */
export function parseSchedule(text: string): ChaosRule[] {
  const rules = text
    .split(/[\n;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => parseRule(line))
  checkRules(rules)
  return rules
}

/** Refuses rules that cannot do what they say. @throws InputError `INPUT_INVALID` naming the part */
export function checkRules(rules: readonly ChaosRule[]): void {
  for (const [i, rule] of rules.entries()) {
    checkPath(rule)
    const same = rules.findIndex(({ method, path }) => method === rule.method && path.source === rule.path.source)
    if (same !== i) throw invalid(ruleText(rule), 'a rule above is about the same calls, and the first one decides')
    for (const [n, { times, action }] of rule.terms.entries()) {
      const text = `${times === Infinity ? '' : `${times}*`}${action.verb}`
      if (!(times === Infinity || (Number.isSafeInteger(times) && times > 0)))
        throw invalid(text, 'the count must be 1 or more')
      if (times === Infinity && n < rule.terms.length - 1)
        throw invalid(
          text,
          `without a count it holds for all calls, so that what follows in "${ruleText(rule)}" is never reached`,
        )
      checkAction(action)
    }
  }
}

const METHODS: ReadonlySet<string> = new Set(['*', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'])
const LONGEST_DELAY = 2 ** 31 - 1

function checkPath(rule: ChaosRule): void {
  const source = rule.path.source.replace(/^\^?(?:\(\?:)?/, '').replaceAll('\\/', '/')
  if (!METHODS.has(rule.method)) throw invalid(ruleText(rule), `there is no method ${rule.method}`)
  if (/^[\w-]/.test(source)) throw invalid(ruleText(rule), 'a path begins with "/"')
  if (/^\/v\d/.test(source) && !/^\/v[a-z]/.test(source))
    throw invalid(ruleText(rule), 'paths are matched without their version prefix: leave it out')
}

function checkAction(action: ChaosAction): void {
  const check = (value: number, holds: boolean, rule: string): void => {
    if (!holds) throw invalid(`${action.verb}(${value})`, rule)
  }
  if ('status' in action) {
    const { status } = action
    check(status, Number.isInteger(status) && status >= 200 && status <= 599, 'an answer has a status from 200 to 599')
  }
  if ('ms' in action)
    check(action.ms, action.ms >= 0 && action.ms <= LONGEST_DELAY, `a delay has at most ${LONGEST_DELAY} ms`)
  if ('bytes' in action)
    check(action.bytes, Number.isSafeInteger(action.bytes) && action.bytes >= 0, 'not a number of bytes')
  if ('bytesPerSecond' in action) {
    const { bytesPerSecond } = action
    check(
      bytesPerSecond,
      Number.isSafeInteger(bytesPerSecond) && bytesPerSecond > 0,
      'it must be 1 byte per second or more',
    )
  }
}

function ruleText({ method, path }: ChaosRule): string {
  return `${method} ${path.source}`
}

/** Counts the calls of each rule and tells what is done to the next one. */
export function startSchedule(rules: readonly ChaosRule[]): ChaosSchedule {
  const counts = new Map<ChaosRule, number>()
  return (method, path) => {
    const rule = rules.find((rule) => (rule.method === '*' || rule.method === method) && rule.path.test(path))
    if (rule === undefined) return { verb: 'off' }
    let count = counts.get(rule) ?? 0
    counts.set(rule, count + 1)
    for (const { times, action } of rule.terms) {
      if (count < times) return action
      count -= times
    }
    return { verb: 'off' }
  }
}

function parseRule(line: string): ChaosRule {
  const [, method, path, terms] = RULE.exec(line) ?? []
  if (method === undefined || path === undefined || terms === undefined)
    throw invalid(line, 'write METHOD PATH-REGEXP: TERM->TERM, for instance "POST /containers/.*/stop: 1*reset-after"')
  return { method, path: pattern(path), terms: terms.split('->').map((term) => parseTerm(term.trim())) }
}

function pattern(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`)
  } catch (cause) {
    throw invalid(source, `not a regular expression (${(cause as Error).message})`)
  }
}

function parseTerm(text: string): ChaosTerm {
  const [, count, verb, argument] = TERM.exec(text) ?? []
  if (verb === undefined) throw invalid(text, 'write [COUNT*]VERB[(ARGUMENT)]')
  return { times: count === undefined ? Infinity : Number(count), action: parseAction(text, verb, argument) }
}

function parseAction(text: string, verb: string, argument: string | undefined): ChaosAction {
  const number = (what: string): number => {
    if (argument === undefined || !/^\d+$/.test(argument)) throw invalid(text, `${verb} needs ${what}: ${verb}(NUMBER)`)
    return Number(argument)
  }
  switch (verb) {
    case 'off':
    case 'hang':
    case 'reset-before':
    case 'reset-after':
    case 'dup':
      if (argument !== undefined) throw invalid(text, `${verb} takes no argument`)
      return { verb }
    case 'delay':
      return { verb, ms: number('milliseconds') }
    case 'status-before':
    case 'status-after':
      return { verb, status: number('a status') }
    case 'truncate':
      return { verb, bytes: number('a number of bytes') }
    case 'drip':
      return { verb, bytesPerSecond: number('bytes per second') }
    case 'run-before':
    case 'run-after':
      if (argument === undefined || argument === '') throw invalid(text, `${verb} needs a name: ${verb}(NAME)`)
      return { verb, name: argument }
    default:
      throw invalid(text, `there is no verb "${verb}"`)
  }
}

function invalid(text: string, rule: string): InputError {
  return new InputError('INPUT_INVALID', `not a chaos schedule: ${JSON.stringify(text.slice(0, 200))}: ${rule}`)
}
