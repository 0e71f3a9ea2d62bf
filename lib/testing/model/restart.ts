import { isUp, type Container } from './container.ts'
import { exited, launch, shouldRestart } from './lifecycle.ts'
import { behaviourOf } from './process.ts'
import { Refusal } from './refusal.ts'
import { remove } from './removal.ts'
import { settle } from './settle.ts'
import { clearTimers } from './timers.ts'
import type { World } from './world.ts'

export interface EngineRestart {
  /** Milliseconds that it is away: its connections are refused meanwhile. Default 0. */
  readonly awayFor?: number | undefined
  /** The machine went down: processes end with 137 instead of by their stop signal. */
  readonly crash?: boolean | undefined
  /** Containers live on meanwhile (dockerd's `--live-restore`). */
  readonly liveRestore?: boolean | undefined
}

// dockerd gives its containers 15 seconds at a shutdown.
const PATIENCE = 15_000

/**
 * What a restart of the engine does. Nobody stopped those that ran by hand, so `unless-stopped` brings them back; one
 * that was stopped by hand comes back with `always`, and with `on-failure` after a bad exit. Who never ran stays so.
 * podman has no daemon, and nothing happens to its containers.
 */
export function restartEngine(world: World, how: EngineRestart): void {
  settle(world)
  if (world.profile.family === 'podman') return
  for (const container of world.state.containers.values()) {
    if (container.status === 'removing') remove(world, container, { volumes: false })
    else if (how.liveRestore !== true) goDown(world, container, how.crash === true)
  }
  const returning = [...world.state.containers.values()].filter(
    (container) => !isUp(container) && container.startedAt !== undefined && shouldRestart(container, true),
  )
  // Who lives in another one's network comes after it.
  for (const container of returning.toSorted((a, b) => Number(a.joined !== undefined) - Number(b.joined !== undefined)))
    comeBack(world, container)
}

function goDown(world: World, container: Container, crash: boolean): void {
  if (container.status === 'restarting') {
    clearTimers(world, container.id)
    container.status = 'exited'
    return
  }
  if (!isUp(container)) return
  const { stopsAfter = 0, stopCode = 0 } = behaviourOf(world, container)
  container.exitIsFinal = true
  exited(world, container, crash || stopsAfter > PATIENCE ? 137 : stopCode)
}

function comeBack(world: World, container: Container): void {
  container.restartCount = 0
  container.backoff = 0
  try {
    launch(world, container)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}
