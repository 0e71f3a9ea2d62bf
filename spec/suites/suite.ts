// What the parts of the suites share: a row of the table, and steps that are compared.
import { spawn } from 'node:child_process'

import type { Outcome } from './stage.ts'

/** A line of the table: how often the model did what the real engine did. */
export interface Row {
  readonly suite: string
  readonly steps: number
  /** Steps that went well on the real engine, and on the model. */
  readonly real: number | undefined
  readonly model: number
  /** Same exit code and output, or passed and failed alike. */
  readonly same: number | undefined
}

/** One step of a suite on one engine. */
export interface Step extends Outcome {
  readonly name: string
}

/** Counts steps; with SUITES_SHOW every difference is printed. */
export function rowOf(suite: string, model: readonly Step[], real: readonly Step[] | undefined): Row {
  const well = (steps: readonly Step[]): number => steps.filter(({ code }) => code === 0).length
  if (real === undefined) return { suite, steps: model.length, real: undefined, model: well(model), same: undefined }
  const found = new Map(model.map((step) => [step.name, step]))
  let same = 0
  for (const theirs of real) {
    const mine = found.get(theirs.name)
    if (mine !== undefined && mine.code === theirs.code && mine.text === theirs.text) same++
    else if (process.env['SUITES_SHOW'] !== undefined)
      console.log(
        `--- ${suite}: ${theirs.name}\nmodel ${mine?.code ?? 'not reached'}: ${mine?.text}\nreal  ${theirs.code}: ${theirs.text}`,
      )
  }
  return { suite, steps: real.length, real: well(real), model: well(model), same }
}

export interface RunOptions {
  readonly cwd?: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly stdin?: string | undefined
  /** Milliseconds. */
  readonly timeout: number
}

/** Runs a program to its end; code -2 when it was stopped for its time. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, stdin, timeout }: RunOptions,
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(program, args, { cwd, env, timeout, killSignal: 'SIGKILL' })
  let out = ''
  let err = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('latin1').on('data', (text: string) => (err += text))
  child.stdin.on('error', () => {})
  child.stdin.end(stdin ?? '')
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve(code ?? (signal === null ? -1 : -2)))
  })
  return { code, out, err }
}
