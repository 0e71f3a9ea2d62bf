import { isUp, named, type Container } from './container.ts'
import { emitContainer } from './events.ts'
import { refuse } from './refusal.ts'
import { clearTimers } from './timers.ts'
import { removeAnonymous } from './volumes.ts'
import type { World } from './world.ts'

/** The container is gone, its name free, and with `volumes` its anonymous volumes too. */
export function remove(world: World, container: Container, options: { readonly volumes: boolean }): void {
  const { state } = world
  clearTimers(world, container.id)
  state.containers.delete(container.id)
  if (state.names.get(container.name) === container.id) state.names.delete(container.name)
  for (const [id, exec] of state.execs) if (exec.container === container.id) state.execs.delete(id)
  if (options.volumes) removeAnonymous(world, container)
  emitContainer(world, container, 'destroy')
  world.happened.ring()
}

/** Why a container may not be removed without force. */
export function checkRemovable(world: World, container: Container, name: string, force: boolean): void {
  const { words } = world.profile
  if (container.status === 'removing') refuse(words.removing(name))
  if (force) return
  if (container.status === 'paused') refuse(words.paused(named(container)))
  if (isUp(container) || container.status === 'restarting') refuse(words.running(named(container)))
}
