import { messageOf } from '../../base/errors.ts'
import { textAt } from '../../base/json.ts'
import type { Status } from '../backend.ts'
import { MAX_BODY, type ControlPlaneContext } from './context.ts'
import { objectOf, refusal, send, workspacePath } from './request.ts'
import { instanceOf } from './stop.ts'

const STOPPED: ReadonlySet<string> = new Set(['stopped', 'terminated'])

/**
 * What a workspace's machine does. One that is not on file was never made or is ended; one that is on its way up or down
 * is neither running nor stopped; and an answer that is no plain word of the control plane tells nothing.
 */
export async function controlPlaneStatus(
  context: ControlPlaneContext,
  id: string,
  signal?: AbortSignal,
): Promise<Status> {
  try {
    const instanceId = await instanceOf(context, id, 'status')
    if (instanceId === '') return { state: 'stopped' }
    const path = workspacePath(id, '/status', { instance_id: instanceId })
    const reply = await send(context, 'status', { method: 'GET', path, maxBytes: MAX_BODY, signal })
    if (reply.status < 200 || reply.status > 299) throw refusal(context, 'status', reply)
    const state = textAt(objectOf(reply, 'status'), 'state')
    if (state === 'running') return { state }
    return STOPPED.has(state) ? { state: 'stopped' } : { state: 'unknown', reason: `the machine is ${word(state)}` }
  } catch (error) {
    return { state: 'unknown', reason: messageOf(error), error }
  }
}

function word(state: string): string {
  return /^[a-z-]{1,30}$/.test(state) ? state : 'in a state that is not known'
}
