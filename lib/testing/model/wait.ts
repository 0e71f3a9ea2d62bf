import { printJson } from '../../base/json.ts'
import type { Call } from './call.ts'
import { isUp, type Container } from './container.ts'
import { refuseIf } from './refusal.ts'
import { stream, type Reply } from './reply.ts'
import { until } from './settle.ts'
import type { World } from './world.ts'

const CONDITIONS: ReadonlySet<string> = new Set(['not-running', 'next-exit', 'removed'])

/** `POST /containers/{id}/wait`: the head comes at once, the body when it is so. */
export function wait(world: World, container: Container, { query, signal }: Call): Reply {
  const asked = query.get('condition') ?? ''
  if (asked !== '' && !CONDITIONS.has(asked)) refuseIf(world.profile.words.badCondition(asked))
  const before = container.exits
  const gone = (): boolean => !world.state.containers.has(container.id)
  const isActive = (): boolean => isUp(container) || container.status === 'restarting'
  // dockerd wakes who waits at every exit, also where a restart follows (moby container/state.go `SetRestarting`).
  const exitEnds = asked === 'next-exit' || (world.profile.family === 'docker' && isActive())
  const isSo = (): boolean => {
    if (asked === 'removed') return gone()
    if (gone() || (exitEnds && container.exits > before)) return true
    return asked !== 'next-exit' && !isActive()
  }
  return stream(
    (async function* () {
      await until(world, isSo, signal)
      const error = world.profile.waitErrorNull ? { Error: null } : {}
      yield Buffer.from(`${printJson({ StatusCode: container.exitCode, ...error })}\n`)
    })(),
  )
}
