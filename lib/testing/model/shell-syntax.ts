/** A part of a command line of the shell: text as it stands, or with variables to be filled in. */
interface Piece {
  readonly text: string
  /** In single quotes nothing is filled in; what is filled in outside of quotes is split at spaces. */
  readonly quote: "'" | '"' | ''
}

export type Word = readonly Piece[]

/** `>file`, `>>file`, `2>file`, `<file`, `2>&1`, `>&2`. */
export interface Redirection {
  readonly from: 0 | 1 | 2
  readonly append: boolean
  /** Another stream, or the word that names a file. */
  readonly to: 1 | 2 | Word
}

export interface Simple {
  readonly words: readonly Word[]
  readonly redirections: readonly Redirection[]
}

/** Commands joined by pipes, and what decides whether they run. */
export interface Pipeline {
  readonly after: ';' | '&&' | '||'
  readonly commands: readonly Simple[]
}

type Token = { readonly operator: string } | { readonly word: Word }

const OPERATORS = /^(?:&&|\|\||;|\n|\||&(?!\d)|([012]?)(>>|>|<)(?:&([12]))?)/

/** Takes a script of the small shell apart: lists, pipes, quotes, variables and redirections; no control structures. */
export function parseScript(script: string): Pipeline[] {
  const tokens = tokensOf(script)
  const pipelines: Pipeline[] = []
  let after: Pipeline['after'] = ';'
  let commands: { words: Word[]; redirections: Redirection[] }[] = [{ words: [], redirections: [] }]
  const close = (next: Pipeline['after']): void => {
    if (commands.some(({ words, redirections }) => words.length + redirections.length > 0))
      pipelines.push({ after, commands })
    commands = [{ words: [], redirections: [] }]
    after = next
  }
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token
    const current = commands.at(-1) as (typeof commands)[number]
    if ('word' in token) {
      current.words.push(token.word)
      continue
    }
    const [, stream = '', arrow, other] = /^([012]?)(>>|>|<)(?:&([12]))?$/.exec(token.operator) ?? []
    if (arrow === undefined) {
      if (token.operator === '|') commands.push({ words: [], redirections: [] })
      else close(token.operator === '&&' || token.operator === '||' ? token.operator : ';')
      continue
    }
    const from = (stream === '' ? (arrow === '<' ? 0 : 1) : Number(stream)) as Redirection['from']
    const next = tokens[i + 1]
    if (other !== undefined) current.redirections.push({ from, append: false, to: Number(other) as 1 | 2 })
    else if (next !== undefined && 'word' in next) {
      current.redirections.push({ from, append: arrow === '>>', to: next.word })
      i++
    }
  }
  close(';')
  return pipelines
}

function tokensOf(script: string): Token[] {
  const tokens: Token[] = []
  let rest = script
  while (rest !== '') {
    const space = /^(?:[ \t]+|\\\n|#[^\n]*)/.exec(rest)
    if (space !== null) {
      rest = rest.slice(space[0].length)
      continue
    }
    const operator = OPERATORS.exec(rest)
    if (operator !== null) {
      tokens.push({ operator: operator[0] })
      rest = rest.slice(operator[0].length)
      continue
    }
    const [word, length] = wordAt(rest)
    tokens.push({ word })
    rest = rest.slice(length)
  }
  return tokens
}

function wordAt(text: string): [Word, number] {
  const pieces: Piece[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const piece =
      /^'([^']*)'?/.exec(rest) ?? /^"((?:[^"\\]|\\[^])*)"?/.exec(rest) ?? /^((?:[^\s;&|<>'"\\]|\\[^])+)/.exec(rest)
    if (piece === null) break
    const first = rest[0] as string
    const quote = first === "'" || first === '"' ? first : ''
    const body = piece[1] ?? ''
    const unescaped = quote === "'" ? body : body.replace(quote === '"' ? /\\(["\\`])/g : /\\([^$])/g, '$1')
    pieces.push({ text: unescaped, quote })
    at += piece[0].length
  }
  return at === 0 ? [[{ text: text[0] as string, quote: "'" }], 1] : [pieces, at]
}

/** Fills variables in. Unquoted ones are split at spaces, as in a shell; an empty unquoted word is none. */
export function expand(word: Word, lookUp: (name: string) => string): string[] {
  const words: string[] = ['']
  let quoted = false
  for (const { text, quote } of word) {
    quoted ||= quote !== ''
    if (quote === "'") {
      words[words.length - 1] += text
      continue
    }
    for (const part of text.split(/(\\\$|\$\{\w+(?::-[^}]*)?\}|\$[A-Za-z_]\w*|\$[?$#0-9@*])/)) {
      const name = /^\$\{?([\w?$#@*]+)(?::-([^}]*))?\}?$/.exec(part)
      const value = part === '\\$' ? '$' : name === null ? part : lookUp(name[1] as string) || (name[2] ?? '')
      const [head = '', ...more] = name !== null && quote === '' ? value.split(/\s+/) : [value]
      words[words.length - 1] += head
      words.push(...more)
    }
  }
  return quoted ? words : words.filter((text) => text !== '')
}
