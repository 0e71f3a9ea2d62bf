import type { Backend } from '../backend.ts'
import { controlPlaneConsole } from './console-output.ts'
import type { ControlPlaneContext } from './context.ts'
import { startControlPlane, type PendingStarts } from './start.ts'
import { controlPlaneStatus } from './status.ts'
import { stopControlPlane } from './stop.ts'

/** The backend that runs workspaces on machines of a control plane. It closes its line. */
export function controlPlaneBackend(context: ControlPlaneContext): Backend {
  const pending: PendingStarts = new Map()
  const close = async (): Promise<void> => context.http?.close()
  return {
    kind: 'control-plane',
    start: (workspace, options) => startControlPlane(context, workspace, pending, options?.signal),
    stop: (id, options) => stopControlPlane(context, id, options?.signal),
    status: (id, options) => controlPlaneStatus(context, id, options?.signal),
    // The machine is all that a workspace has there.
    remove: (id, options) => stopControlPlane(context, id, options?.signal),
    console: (id, options) => controlPlaneConsole(context, id, options?.signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}
