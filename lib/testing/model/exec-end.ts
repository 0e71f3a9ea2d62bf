import { emitContainer } from './events.ts'
import type { World } from './world.ts'

/** An exec ends with a code; without one it only prints, and who reads it looks again. */
export function endExec(world: World, id: string, code: number | undefined): void {
  const exec = world.state.execs.get(id)
  const container = world.state.containers.get(exec?.container ?? '')
  if (exec !== undefined && code !== undefined && exec.state === 'running') {
    exec.state = 'exited'
    exec.exitCode = code
    if (container !== undefined)
      emitContainer(world, container, 'exec_die', { execID: exec.id, exitCode: String(code) })
  }
  world.happened.ring()
}
