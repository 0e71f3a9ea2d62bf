import { RefreshError, hasCode, isConflict, isUncertain, messageOf } from '../base/errors.ts'
import { objectAt, type JsonObject } from '../base/json.ts'
import type { Clock } from '../base/ports.ts'
import { see, type RefreshEngine, type Seen } from './container.ts'
import { OP_LABEL, marksToLabels, nextName, type Marks } from './marks.ts'

const TRIES = 3

/**
 * Creates the successor under its temporary name, with the marks. The name is the mutex: who does not get it is not the
 * one to replace this container.
 *
 * @throws RefreshError `BUSY` when another operation holds the name, `CREATE_FAILED` with the engine's words
 */
export async function createSuccessor(
  { engine, clock }: { readonly engine: RefreshEngine; readonly clock: Clock },
  body: JsonObject & { Image: string },
  marks: Marks,
  platform: string | undefined,
): Promise<{ id: string; warnings: string[] }> {
  const name = nextName(marks.name)
  const marked = { ...body, Labels: { ...objectAt(body, 'Labels'), ...marksToLabels(marks) } }
  for (let tries = 1; ; tries++) {
    try {
      const { Id, Warnings } = await engine.containers.createRaw(marked, { name, platform })
      return { id: Id, warnings: Warnings }
    } catch (error) {
      // podman says 500 to a taken name, and a lost reply may hide a success: the name tells.
      const isLost = hasCode(error, 'CONNECTION_LOST', 'ENGINE_UNREACHABLE')
      const made = isConflict(error) || isUncertain(error) || isLost ? await wait(engine, clock, name) : undefined
      if (made?.view.Config.Labels[OP_LABEL] === marks.op) return { id: made.id, warnings: [] }
      if (made !== undefined || isConflict(error)) throw taken(name, made, error)
      if (isLost && tries < TRIES) continue
      throw new RefreshError('CREATE_FAILED', `the new container cannot be created: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }
}

async function wait(engine: RefreshEngine, clock: Clock, name: string): Promise<Seen | undefined> {
  for (let look = 0; look < 4; look++) {
    const seen = await see(engine, name)
    if (seen !== undefined) return seen
    await clock.sleep(300)
  }
  return undefined
}

function taken(name: string, seen: Seen | undefined, cause: unknown): RefreshError {
  const who =
    seen === undefined || Object.hasOwn(seen.view.Config.Labels, OP_LABEL)
      ? 'another operation is replacing it'
      : `a container without marks is called ${name}`
  return new RefreshError('BUSY', who, { cause })
}
