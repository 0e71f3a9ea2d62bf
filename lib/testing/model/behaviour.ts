import type { Duplex } from 'node:stream'

import { globPattern } from './glob.ts'

/** How the main process of a container goes. */
export type ProcessBehaviour =
  /** Until it is told to stop. */
  | 'runs'
  /** Ends by itself, `after` milliseconds (default 0); with `times` only at the first so many starts. */
  | { readonly exits: number; readonly after?: number | undefined; readonly times?: number | undefined }
  /** The program is not there: the start is refused. */
  | { readonly missing: string }

/** What the health probes find, given the number of the probe (from 1) and the milliseconds since the start. */
export type HealthBehaviour =
  | 'healthy'
  | 'unhealthy'
  /** By turns well and ill. */
  | 'flapping'
  | { readonly healthyAfter: number }
  | { readonly unhealthyAfter: number }
  | ((probe: number, sinceStart: number) => boolean)

export interface ExecOutcome {
  readonly exitCode?: number | undefined
  readonly stdout?: string | undefined
  readonly stderr?: string | undefined
}

/** What a container does when it runs. It belongs to an image, and is no part of its digest. */
export interface Behaviour {
  readonly process?: ProcessBehaviour | undefined
  /** Milliseconds from the stop signal to the end; `Infinity` does not listen and is killed. Default 0. */
  readonly stopsAfter?: number | undefined
  /** Exit code after the stop signal; default 0. */
  readonly stopCode?: number | undefined
  readonly health?: HealthBehaviour | undefined
  /**
   * Serves a connection to one of its published ports, `port` being the container's own. With it probes of a port from
   * inside (`nc -z`) succeed too. Connections come with `modelEngine({ ports: 'bind' })`.
   */
  readonly serves?: ((connection: Duplex, port: number) => void) | undefined
  /** Lines written at every start. */
  readonly stdout?: readonly string[] | undefined
  readonly stderr?: readonly string[] | undefined
  readonly exec?: ((argv: readonly string[]) => ExecOutcome) | undefined
  /** Milliseconds that removing a container takes; default 0. */
  readonly removesAfter?: number | undefined
}

/** The behaviour of a command line, where it is not that of its image. */
export type Program = (argv: readonly string[]) => Behaviour | undefined

/**
 * Programs by command line, in which `*` stands for any text: `{ 'migrate *': 'done\n' }`. A text is what the program
 * prints before it ends well; a function gets the arguments and gives what an exec gives; a behaviour is all the rest.
 */
export type Programs = Readonly<Record<string, string | Behaviour | ((argv: readonly string[]) => ExecOutcome)>>

/** What one health probe finds. */
export function probeIsWell(health: HealthBehaviour | undefined, probe: number, sinceStart: number): boolean {
  if (health === undefined || health === 'healthy') return true
  if (health === 'unhealthy') return false
  if (health === 'flapping') return probe % 2 === 1
  if (typeof health === 'function') return health(probe, sinceStart)
  return 'healthyAfter' in health ? sinceStart >= health.healthyAfter : sinceStart < health.unhealthyAfter
}

/** Programs as a function; the first pattern that fits decides. */
export function programOf(programs: Program | Programs | undefined): Program {
  if (programs === undefined) return () => undefined
  if (typeof programs === 'function') return programs
  const table = Object.entries(programs).map(([pattern, what]) => ({ pattern: globPattern(pattern), what }))
  return (argv) => {
    const what = table.find(({ pattern }) => pattern.test(argv.join(' ')))?.what
    if (what === undefined) return undefined
    if (typeof what === 'string') return behaviourOfOutcome({ stdout: what })
    return typeof what === 'function' ? behaviourOfOutcome(what(argv)) : what
  }
}

function behaviourOfOutcome({ exitCode = 0, stdout = '', stderr = '' }: ExecOutcome): Behaviour {
  return { process: { exits: exitCode }, stdout: linesOf(stdout), stderr: linesOf(stderr) }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** What an exec of a program that is scripted as a behaviour gives. */
export function outcomeOf({ process, stdout = [], stderr = [] }: Behaviour): ExecOutcome {
  const exitCode = typeof process === 'object' && 'exits' in process ? process.exits : 0
  return { exitCode, stdout: textOf(stdout), stderr: textOf(stderr) }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
