import { messageOf } from '../../base/errors.ts'
import type { Status } from '../backend.ts'
import type { DockerContext } from './context.ts'
import { findContainer } from './find.ts'

/**
 * What a workspace does. A container that is not there, or that the engine shows as not running, is stopped; an engine
 * that is busy, away or cannot be understood tells nothing: six healthy agents were once restarted for its silence.
 */
export async function dockerStatus(context: DockerContext, id: string, signal?: AbortSignal): Promise<Status> {
  try {
    const view = await findContainer(context, id, signal)
    if (view === undefined) return { state: 'stopped' }
    if (typeof view.State?.Running !== 'boolean')
      return { state: 'unknown', reason: 'the engine does not tell whether it runs' }
    return { state: view.State.Running ? 'running' : 'stopped' }
  } catch (error) {
    return { state: 'unknown', reason: messageOf(error), error }
  }
}
