import { expand, parseScript, type Pipeline, type Redirection, type Simple } from './shell-syntax.ts'
import { base, Exit, isShell, type Printed, type Running, type ShellHost, type ShellResult } from './shell-process.ts'
import { PROGRAMS } from './shell-programs.ts'

/** Whether the small shell knows the program of a command line. */
export function isKnown(argv: readonly string[]): boolean {
  return Object.hasOwn(PROGRAMS, base(argv[0] ?? ''))
}

/** Whether a command line reads its stdin, as far as can be told before it runs. */
export function readsStdin(argv: readonly string[]): boolean {
  const program = base(argv[0] ?? '')
  const args = argv.slice(1)
  if (isShell(program))
    return args[0]?.startsWith('-') !== true || /(?:^|[;&|\n]\s*)(?:cat|read|wc|head|tail|grep)\b/.test(args[1] ?? '')
  return ['cat', 'wc', 'head', 'tail', 'tee', 'sort'].includes(program) && args.every((arg) => arg.startsWith('-'))
}

/** Runs a command line to its end, at once: time that it takes is told, not spent. */
export function runShell(host: ShellHost, argv: readonly string[]): ShellResult {
  const printed: Printed[] = []
  const clock = { at: 0 }
  const variables = new Map(host.env)
  let exitCode = 0
  try {
    exitCode = new Process(host, printed, clock, variables).run(argv)
  } catch (error) {
    if (!(error instanceof Exit)) throw error
    exitCode = error.code
  }
  return { printed: printed.filter(({ after }) => after < Infinity), exitCode, lasts: clock.at }
}

class Process implements Running {
  readonly host: ShellHost
  readonly env: Map<string, string>
  argv: readonly string[] = []
  stdin: string
  cwd: string
  #last = 0
  #sinks: { 1: (text: string) => void; 2: (text: string) => void }
  readonly #clock: { at: number }

  constructor(host: ShellHost, printed: Printed[], clock: { at: number }, env: Map<string, string>) {
    this.host = host
    this.env = env
    this.stdin = host.stdin
    this.cwd = host.cwd
    this.#clock = clock
    const print = (stream: Printed['stream']) => (text: string) =>
      void (text === '' || printed.push({ after: clock.at, stream, text }))
    this.#sinks = { 1: print('stdout'), 2: print('stderr') }
  }

  out(text: string): void {
    this.#sinks[1](text)
  }

  err(text: string): void {
    this.#sinks[2](text)
  }

  sleep(ms: number): void {
    this.#clock.at += ms
  }

  path(name: string): string {
    const whole = name.startsWith('/') ? name : `${this.cwd}/${name}`
    const parts: string[] = []
    for (const part of whole.split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '' && part !== '.') parts.push(part)
    }
    return `/${parts.join('/')}`
  }

  run(argv: readonly string[]): number {
    const scripted = this.host.program(argv)
    if (scripted !== undefined) {
      this.out(scripted.stdout ?? '')
      this.err(scripted.stderr ?? '')
      return scripted.exitCode ?? 0
    }
    const before = this.argv
    const name = base(argv[0] ?? '')
    const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
    if (program === undefined) {
      this.err(`sh: ${argv[0] ?? ''}: not found\n`)
      return 127
    }
    this.argv = argv
    try {
      return program(this)
    } finally {
      this.argv = before
    }
  }

  script(text: string): number {
    const loop = /^(.*?)\bwhile\s+(?:true|:|sleep \S+)\s*;\s*do\s+(.*?);?\s*done/s.exec(text)
    if (loop !== null) {
      this.script(`${loop[1] ?? ''}\n${loop[2] ?? ''}`)
      this.#clock.at = Infinity
      return 0
    }
    let code = 0
    for (const pipeline of parseScript(text)) {
      if ((pipeline.after === '&&' && code !== 0) || (pipeline.after === '||' && code === 0)) continue
      code = this.#pipeline(pipeline)
      this.#last = code
      if (this.#clock.at === Infinity) break
    }
    return code
  }

  #pipeline({ commands }: Pipeline): number {
    let code = 0
    const [input, sinks] = [this.stdin, this.#sinks]
    for (const [i, command] of commands.entries()) {
      let piped = ''
      this.#sinks = i < commands.length - 1 ? { ...sinks, 1: (text) => void (piped += text) } : sinks
      code = this.#simple(command)
      this.stdin = piped
    }
    this.stdin = input
    this.#sinks = sinks
    return code
  }

  #simple({ words, redirections }: Simple): number {
    const lookUp = (name: string): string => (name === '?' ? String(this.#last) : (this.env.get(name) ?? ''))
    const all = words.flatMap((word) => expand(word, lookUp))
    const sinks = this.#sinks
    const input = this.stdin
    const files = new Map<string, string>()
    for (const redirection of redirections) if (!this.#redirect(redirection, lookUp, files)) return 1
    try {
      while (/^[A-Za-z_]\w*=/.test(all[0] ?? '')) {
        const [name = '', ...value] = (all.shift() as string).split('=')
        this.env.set(name, value.join('='))
      }
      return all.length === 0 ? 0 : this.run(all)
    } finally {
      this.#sinks = sinks
      this.stdin = input
      for (const [path, text] of files) this.host.write(path, Buffer.from(text, 'latin1'))
    }
  }

  #redirect({ from, append, to }: Redirection, lookUp: (name: string) => string, files: Map<string, string>): boolean {
    if (to === 1 || to === 2) {
      if (from !== 0) this.#sinks = { ...this.#sinks, [from]: this.#sinks[to] }
      return true
    }
    const path = this.path(expand(to, lookUp).join(' '))
    if (from === 0) {
      const data = this.host.read(path)
      if (data !== undefined) this.stdin = Buffer.from(data).toString('latin1')
      else this.err(`sh: can't open ${path}: no such file\n`)
      return data !== undefined
    }
    if (path === '/dev/null') {
      this.#sinks = { ...this.#sinks, [from]: () => {} }
      return true
    }
    const before = append ? Buffer.from(this.host.read(path) ?? []) : Buffer.alloc(0)
    if (!this.host.write(path, before)) {
      this.err(`sh: can't create ${path}: Read-only file system\n`)
      return false
    }
    files.set(path, before.toString('latin1'))
    this.#sinks = {
      ...this.#sinks,
      [from]: (text: string) => void files.set(path, (files.get(path) ?? '') + Buffer.from(text).toString('latin1')),
    }
    return true
  }
}
