import { ProtocolError } from '../base/errors.ts'

/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Lower case: `bearer`, `basic`, `negotiate`, … */
  readonly scheme: string
  /** Names in lower case, values as they came: realms and services are case-sensitive. */
  readonly params: ReadonlyMap<string, string>
}

const MAX_LENGTH = 16 << 10
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
// Wider than a token: some registries leave the quotes of a URL out.
const BARE_VALUE = /[^\s,"]+/y
const SPACE = /[ \t]*/y
const COMMAS = /[ \t,]*/y
const EQUALS = /[ \t]*=[ \t]*/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy

/**
 * Reads `WWW-Authenticate` headers by RFC 9110 §11.6.1: several challenges in one header, quoted texts with commas and
 * escapes, token68, any order. Each character is looked at once.
 *
 * @throws ProtocolError `PROTOCOL_VIOLATION`; the header is not repeated in it
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap((header) => new Scanner(header).challenges())
}

/** The challenge to answer: Bearer before Basic; `undefined` when there is neither. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges.find(({ scheme }) => scheme === 'basic')
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    if (text.length > MAX_LENGTH) throw broken(`longer than ${MAX_LENGTH} characters`)
    this.#text = text
  }

  challenges(): Challenge[] {
    const found: { scheme: string; params: Map<string, string> }[] = []
    this.#take(COMMAS)
    while (this.#at < this.#text.length) {
      const name = this.#take(TOKEN)?.[0]?.toLowerCase()
      if (name === undefined) throw broken('a name is missing')
      if (this.#take(EQUALS) === undefined) {
        found.push({ scheme: name, params: new Map() })
        // What follows a scheme is a token68 to its end, or the first parameter.
        if (this.#take(SPACE)?.[0] !== '') this.#take(TOKEN68)
      } else {
        const params = found.at(-1)?.params
        if (params === undefined) throw broken('a parameter has no scheme')
        const value = this.#value()
        if (params.has(name)) throw broken('a parameter comes twice')
        params.set(name, value)
      }
      this.#take(COMMAS)
    }
    return found
  }

  #value(): string {
    const quoted = this.#take(QUOTED)
    if (quoted !== undefined) return (quoted[1] ?? '').replace(/\\(.)/gs, '$1')
    const value = this.#take(BARE_VALUE)?.[0]
    if (value === undefined) throw broken('a value is missing or its quote is not closed')
    return value
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text) ?? undefined
    if (match !== undefined) this.#at = pattern.lastIndex
    return match
  }
}

function broken(reason: string): ProtocolError {
  return new ProtocolError('PROTOCOL_VIOLATION', `the registry's WWW-Authenticate header cannot be read: ${reason}`)
}
