import { probeIsWell, type Behaviour } from './behaviour.ts'
import type { Container } from './container.ts'
import { textsAt } from './fields.ts'
import { setTimer } from './timers.ts'
import { now, type World } from './world.ts'

/** The command line that a container runs. */
export function argvOf({ config }: Container): string[] {
  return [...textsAt(config, 'Entrypoint').filter((part) => part !== ''), ...textsAt(config, 'Cmd')]
}

export function behaviourOf(world: World, container: Container): Behaviour {
  const image = world.state.images.get(container.image)
  return world.programs(argvOf(container)) ?? world.behaviours.get(image?.configDigest ?? '') ?? {}
}

/** The process writes what it has to say, and sets the moment of its own end. */
export function beginProcess(world: World, container: Container): void {
  write(world, container)
  schedule(world, container)
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
