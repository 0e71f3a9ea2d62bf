import type { ExecOutcome } from './behaviour.ts'

/** What a process of the model can see and change. */
export interface ShellHost {
  readonly env: ReadonlyMap<string, string>
  readonly cwd: string
  readonly user: string
  readonly hostname: string
  /** Whole, when the process reads it. */
  readonly stdin: string
  /** A program that the test has scripted. */
  program(argv: readonly string[]): ExecOutcome | undefined
  /** Whether something of the container serves connections. */
  readonly listens: boolean
  /** The content of a file; `undefined` when there is none. */
  read(path: string): Uint8Array | undefined
  /** False when it may not be written. */
  write(path: string, data: Uint8Array): boolean
  remove(path: string): boolean
  /** Names in a folder; `undefined` when there is none. */
  list(path: string): string[] | undefined
}

/** Something that a process prints, so many milliseconds after its start. */
export interface Printed {
  readonly after: number
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export interface ShellResult {
  readonly printed: readonly Printed[]
  readonly exitCode: number
  /** Milliseconds that it ran; `Infinity` for one that does not end by itself. */
  readonly lasts: number
}

/** One program of the shell while it runs. */
export interface Running {
  readonly host: ShellHost
  readonly argv: readonly string[]
  readonly stdin: string
  readonly env: Map<string, string>
  cwd: string
  out(text: string): void
  err(text: string): void
  sleep(ms: number): void
  /** Runs another command line in the same process. */
  run(argv: readonly string[]): number
  script(text: string): number
  path(name: string): string
}

/** Ends the script. */
export class Exit extends Error {
  readonly code: number
  constructor(code: number) {
    super('exit')
    this.code = code
  }
}

export function isShell(program: string): boolean {
  return ['sh', 'ash', 'bash'].includes(base(program))
}

export function base(path: string): string {
  return path.split('/').at(-1) ?? ''
}
