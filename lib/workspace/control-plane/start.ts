import { ProtocolError, WorkspaceError, hasCode, isDockerError, isUncertain, messageOf } from '../../base/errors.ts'
import { printJson, textAt } from '../../base/json.ts'
import type { Started } from '../backend.ts'
import { splitCustomEnv } from '../container-env.ts'
import { DEFAULT_RUNTIME } from '../image.ts'
import { checkWorkspace, type Workspace } from '../workspace.ts'
import { MAX_BODY, type ControlPlaneContext } from './context.ts'
import { objectOf, refusal, send } from './request.ts'
import { stopInstance } from './stop.ts'

/** Keys of starts whose end is not known, by workspace: the next try is then the same one to the control plane. */
export type PendingStarts = Map<string, string>

/** Asks for a machine and puts it on file. A machine that cannot be put on file is given back: nobody would end it. */
export async function startControlPlane(
  context: ControlPlaneContext,
  workspace: Workspace,
  pending: PendingStarts,
  signal?: AbortSignal,
): Promise<Started> {
  checkWorkspace(workspace)
  const { id } = workspace
  const { taken, refused } = splitCustomEnv(workspace.env ?? {})
  const key = pending.get(id) ?? context.random.id(16)
  pending.set(id, key)
  let instanceId: string
  try {
    instanceId = await provision(context, workspace, taken, key, signal)
    pending.delete(id)
  } catch (error) {
    if (!mayHaveWorked(error)) pending.delete(id)
    throw error
  }
  await putOnFile(context, id, instanceId)
  const warnings = refused.length === 0 ? [] : [`not passed to the agent: ${refused.join(', ')}`]
  return { url: undefined, instanceId, warnings }
}

function mayHaveWorked(error: unknown): boolean {
  return isUncertain(error) || hasCode(error, 'ABORTED') || (isDockerError(error) && (error.status ?? 0) >= 500)
}

async function provision(
  context: ControlPlaneContext,
  { id, runtime = '', tier = 2, platformUrl }: Workspace,
  env: Readonly<Record<string, string>>,
  key: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const reply = await send(context, 'send', {
    method: 'POST',
    path: '/cp/workspaces/provision',
    headers: { 'Idempotency-Key': key },
    body: printJson({
      org_id: context.config.orgId,
      workspace_id: id,
      runtime: runtime || DEFAULT_RUNTIME,
      tier,
      platform_url: platformUrl,
      env,
    }),
    maxBytes: MAX_BODY,
    signal,
  })
  if (reply.status !== 201) throw refusal(context, 'provision', reply, env)
  const instanceId = textAt(objectOf(reply, 'provision'), 'instance_id')
  if (instanceId !== '') return instanceId
  throw new ProtocolError('PROTOCOL_VIOLATION', 'cp provisioner: provision: a machine without an id was promised')
}

async function putOnFile(context: ControlPlaneContext, id: string, instanceId: string): Promise<void> {
  try {
    await context.store.save(id, { instanceId })
  } catch (cause) {
    await stopInstance(context, id, instanceId).catch((error: unknown) => {
      context.log.warn('a machine is not on file and still runs', { id, instanceId, error: messageOf(error) })
    })
    throw new WorkspaceError(
      'STORE_FAILED',
      `cp provisioner: start: the machine ${instanceId} of workspace ${id} cannot be put on file: ${messageOf(cause)}`,
      { cause, facts: { instanceId } },
    )
  }
}
