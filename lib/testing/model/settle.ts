import { exited, launch, shouldRestart } from './lifecycle.ts'
import { ownExitCode } from './process.ts'
import { probe } from './health.ts'
import { Refusal } from './refusal.ts'
import { takeDue, type Timer } from './timers.ts'
import type { World } from './world.ts'

/** Works off what is due by now, each at its own moment. An engine that nobody asks anything does nothing. */
export function settle(world: World): void {
  for (let timer = takeDue(world); timer !== undefined; timer = takeDue(world)) {
    world.at = timer.at
    try {
      run(world, timer)
    } finally {
      world.at = undefined
    }
  }
}

function run(world: World, { what, container: id, run: life, code }: Timer): void {
  const container = world.state.containers.get(id)
  if (container === undefined || container.run !== life) return
  if (what === 'probe') probe(world, container)
  if (what === 'exit') exited(world, container, code ?? ownExitCode(world, container))
  if (what === 'restart' && container.status === 'restarting') relaunch(world, container)
  // podman reads the policy when it cleans up.
  if (what === 'restart' && container.status === 'exited' && shouldRestart(container)) {
    container.restartCount++
    relaunch(world, container)
  }
}

// A restart that is refused is not tried again; the reason is in the container's state.
function relaunch(world: World, container: Parameters<typeof launch>[1]): void {
  try {
    launch(world, container)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}

/** Waits until it is so, letting time do its work meanwhile. Rejects when the client leaves. */
export async function until(world: World, isSo: () => boolean, signal: AbortSignal): Promise<void> {
  for (settle(world); !isSo(); settle(world)) await nextChange(world, signal)
}

/** Resolves when something happened, or the next thing is due. */
export async function nextChange(world: World, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const over = new AbortController()
  const left = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: over.signal })
  })
  const next = world.state.timers[0]
  const due =
    next === undefined
      ? []
      : [world.clock.sleep(Math.max(0, next.at - world.clock.now()), over.signal).catch(() => undefined)]
  try {
    await Promise.race([world.happened.next(), left, ...due])
  } finally {
    over.abort()
  }
}
