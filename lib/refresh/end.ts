import { isActive, see, stateOf, stopPatience, type Seen } from './container.ts'
import { halt } from './halt.ts'
import type { SettleContext } from './settle.ts'
import { sure } from './sure.ts'

type EndContext = Pick<SettleContext, 'engine' | 'clock'>

/** Stops a container, with its own patience; one that is gone is stopped. @throws as `sure` */
export function stopSurely({ engine, clock }: EndContext, container: Seen): Promise<void> {
  return sure(
    clock,
    () => halt(engine.containers, container.id, stopPatience(container)),
    async () => {
      const seen = await see(engine, container.id)
      return seen === undefined || !isActive(stateOf(seen))
    },
  )
}

/** Removes a container that is stopped, never its volumes. @throws as `sure` */
export function removeSurely({ engine, clock }: EndContext, id: string): Promise<void> {
  return sure(
    clock,
    () => engine.containers.remove(id),
    async () => (await see(engine, id)) === undefined,
  )
}
