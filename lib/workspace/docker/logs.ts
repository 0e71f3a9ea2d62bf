import type { ContainerLogsOptions } from '../../engine/container-io.ts'
import { OutputStream } from '../../engine/output-stream.ts'
import type { BackendOptions } from '../backend.ts'
import { containerId } from './console-output.ts'
import type { DockerContext } from './context.ts'

/** Output of a workspace, as it comes when asked to follow. Nothing is sent before it is read. */
export function followLogs(
  context: DockerContext,
  id: string,
  { signal, ...options }: ContainerLogsOptions & BackendOptions = {},
): OutputStream {
  async function* read() {
    yield* context.engine.containers.logs(await containerId(context, id, signal), options, { signal })
  }
  return new OutputStream(read())
}
