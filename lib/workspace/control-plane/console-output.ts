import { textAt } from '../../base/json.ts'
import { CONSOLE_LIMIT } from '../backend.ts'
import { checkWorkspaceId } from '../names.ts'
import type { ControlPlaneContext } from './context.ts'
import { objectOf, refusal, send } from './request.ts'

/** The console of a workspace's machine. The answer wraps it in JSON, which may make it twice as long and more. */
export async function controlPlaneConsole(
  context: ControlPlaneContext,
  id: string,
  signal?: AbortSignal,
): Promise<string> {
  const path = `/cp/admin/workspaces/${encodeURIComponent(checkWorkspaceId(id))}/console`
  const reply = await send(context, 'console', { method: 'GET', path, maxBytes: CONSOLE_LIMIT * 4, signal })
  if (reply.status < 200 || reply.status > 299) throw refusal(context, 'console', reply)
  const output = Buffer.from(textAt(objectOf(reply, 'console'), 'output'))
  return output.subarray(Math.max(0, output.length - CONSOLE_LIMIT)).toString('utf8')
}
