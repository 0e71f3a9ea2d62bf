import { WorkspaceError, isConflict, isNotFound, messageOf } from '../../base/errors.ts'
import { sure } from '../../refresh/sure.ts'
import type { DockerContext } from './context.ts'

const LOOKS = 120
const PAUSE = 250

/**
 * Removes a container in one step: between a stop and a removal its restart policy may bring it back. Gone, and being
 * removed by somebody else, are successes; it returns when the name is free.
 *
 * @throws WorkspaceError `force-remove <name>: …`, after which the container must be taken to be there
 */
export async function forceRemove(
  context: DockerContext,
  container: { readonly id: string; readonly name: string },
  signal?: AbortSignal,
): Promise<void> {
  const { containers } = context.engine
  const gone = async (): Promise<boolean> => {
    try {
      await containers.inspect(container.id, {}, { signal })
      return false
    } catch (error) {
      if (isNotFound(error)) return true
      throw error
    }
  }
  try {
    await sure(context.clock, () => containers.remove(container.id, { force: true, v: true }, { signal }), gone)
  } catch (error) {
    if (isNotFound(error)) return
    // 409 is also how an engine says that it cannot: only the container's end tells.
    if (isConflict(error) && (await waitFor(context, gone, signal))) return
    throw new WorkspaceError(
      isConflict(error) ? 'CONFLICT' : 'ENGINE_ERROR',
      `force-remove ${container.name}: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

async function waitFor({ clock }: DockerContext, gone: () => Promise<boolean>, signal?: AbortSignal): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    if (await gone()) return true
    await clock.sleep(PAUSE, signal)
  }
  return false
}
