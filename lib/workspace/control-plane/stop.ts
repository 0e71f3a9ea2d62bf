import { WorkspaceError, messageOf } from '../../base/errors.ts'
import { checkWorkspaceId } from '../names.ts'
import { MAX_BODY, type ControlPlaneContext } from './context.ts'
import { objectOf, refusal, send, workspacePath } from './request.ts'

/** Ends the machine of a workspace and takes it off file. No machine on file is a success without a call. */
export async function stopControlPlane(context: ControlPlaneContext, id: string, signal?: AbortSignal): Promise<void> {
  const instanceId = await instanceOf(context, id, 'stop')
  if (instanceId === '') return
  await stopInstance(context, id, instanceId, signal)
  await context.store.save(id, { instanceId: null })
}

/** Ends one machine; one that is gone is a success. @throws WorkspaceError: it must be taken to run */
export async function stopInstance(
  context: ControlPlaneContext,
  id: string,
  instanceId: string,
  signal?: AbortSignal,
): Promise<void> {
  const path = workspacePath(id, '', { instance_id: instanceId })
  const reply = await send(context, 'stop', { method: 'DELETE', path, maxBytes: MAX_BODY, signal })
  const gone = reply.status === 404 || reply.status === 410
  if (gone) return
  if (reply.status < 200 || reply.status > 299) throw refusal(context, 'stop', reply)
  if (reply.size > 0) objectOf(reply, 'stop') // a page of some proxy is no word of the control plane
}

/** The machine that is on file for a workspace. @throws WorkspaceError `STORE_FAILED` */
export async function instanceOf({ store }: ControlPlaneContext, id: string, what: string): Promise<string> {
  checkWorkspaceId(id)
  try {
    return await store.instanceId(id)
  } catch (cause) {
    throw new WorkspaceError('STORE_FAILED', `cp provisioner: ${what}: resolve instance_id: ${messageOf(cause)}`, {
      cause,
    })
  }
}
