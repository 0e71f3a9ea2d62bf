import { probeIsWell, type Behaviour } from './behaviour.ts'
import type { Container } from './container.ts'
import { textsAt } from './fields.ts'
import { isShell, type Printed } from './shell-process.ts'
import { isKnown, readsStdin, runShell } from './shell.ts'
import { shellHost } from './shell-host.ts'
import { setTimer } from './timers.ts'
import { now, type World } from './world.ts'

/** The command line that a container runs. */
export function argvOf({ config }: Container): string[] {
  return [...textsAt(config, 'Entrypoint').filter((part) => part !== ''), ...textsAt(config, 'Cmd')]
}

export function behaviourOf(world: World, container: Container): Behaviour {
  return scripted(world, container) ?? {}
}

/** Whether the test or the image says how its program behaves. */
export function isScripted(world: World, container: Container): boolean {
  return scripted(world, container) !== undefined
}

function scripted(world: World, container: Container): Behaviour | undefined {
  const image = world.state.images.get(container.image)
  return world.programs(argvOf(container)) ?? world.behaviours.get(image?.configDigest ?? '')
}

/** The process writes what it has to say, and sets the moment of its own end. */
export function beginProcess(world: World, container: Container): void {
  const behaviour = scripted(world, container)
  const argv = argvOf(container)
  if (behaviour === undefined && isKnown(argv)) {
    if (!waitsForStdin(container)) runMain(world, container)
    return
  }
  write(world, container)
  schedule(world, container)
}

// A shell on a terminal lives as long as the terminal; what reads stdin begins to work when it has it.
function waitsForStdin(container: Container): boolean {
  const argv = argvOf(container)
  const { config, stdin } = container
  if (config['Tty'] === true && isShell(argv[0] ?? '') && !argv.includes('-c') && !stdin.ended) return true
  return config['OpenStdin'] === true && !stdin.ended && readsStdin(argv)
}

/** Its stdin is whole: what waited for it runs. */
export function endStdin(world: World, container: Container, text: string): void {
  const waited = container.status === 'running' && scripted(world, container) === undefined && waitsForStdin(container)
  container.stdin = { text, ended: true }
  if (waited && isKnown(argvOf(container))) runMain(world, container)
}

function runMain(world: World, container: Container): void {
  const { run, stdin } = container
  const result = runShell(shellHost(world, container, { stdin: stdin.text }), argvOf(container))
  const from = now(world)
  for (const printed of result.printed) {
    if (printed.after === 0) print(world, container, printed)
    else setTimer(world, { at: from + printed.after, what: 'output', container: container.id, run, printed })
  }
  if (result.lasts < Infinity)
    setTimer(world, { at: from + result.lasts, what: 'exit', container: container.id, run, code: result.exitCode })
  world.happened.ring()
}

/** Puts what a process prints into its log, line by line. */
export function print(world: World, container: Container, { stream, text }: Printed): void {
  const lines = (container.config['Tty'] === true ? text.replaceAll('\n', '\r\n') : text).split('\n')
  for (const [i, line] of lines.entries()) {
    const last = i === lines.length - 1
    if (!last || line !== '')
      container.logs.push({ stream, text: line, at: now(world), ...(last ? { open: true } : {}) })
  }
  world.happened.ring()
}

function write(world: World, container: Container): void {
  const { stdout = [], stderr = [] } = behaviourOf(world, container)
  for (const text of stdout) container.logs.push({ stream: 'stdout', text, at: now(world) })
  for (const text of stderr) container.logs.push({ stream: 'stderr', text, at: now(world) })
}

function schedule(world: World, container: Container): void {
  const { process } = behaviourOf(world, container)
  if (typeof process !== 'object' || !('exits' in process)) return
  if (process.times !== undefined && container.run > process.times) return
  setTimer(world, { at: now(world) + (process.after ?? 0), what: 'exit', container: container.id, run: container.run })
}

/** The exit code of a process that ends by itself. */
export function ownExitCode(world: World, container: Container): number {
  const { process } = behaviourOf(world, container)
  return typeof process === 'object' && 'exits' in process ? process.exits : 0
}

/** Whether the process is well at a probe; the probe is the `n`th of this life. */
export function isWell(world: World, container: Container, n: number): boolean {
  return probeIsWell(behaviourOf(world, container).health, n, now(world) - (container.startedAt ?? 0))
}
