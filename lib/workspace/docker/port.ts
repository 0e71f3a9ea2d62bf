import type { ContainerInspect } from '../../engine/schema/container-inspect.ts'
import { AGENT_PORT, internalUrl } from '../names.ts'
import type { DockerContext } from './context.ts'
import { AGENT_PORT_KEY } from './create-body.ts'
import { findContainer } from './find.ts'

const LOOKS = 3
const PAUSE = 500

/**
 * Where the platform reaches an agent: its published port, which the engine may show a moment after the start; on the
 * host's network the agent's own; else the address inside of the network.
 */
export async function resolveUrl(
  { engine, clock }: DockerContext,
  container: string,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await clock.sleep(PAUSE, signal)
    try {
      const url = publishedUrl(await engine.containers.inspect(container, {}, { signal }))
      if (url !== undefined) return url
    } catch {
      signal?.throwIfAborted()
      break
    }
  }
  return internalUrl(name)
}

/** Where the agent of a workspace is now; `undefined` for one without a container. */
export async function currentUrl(
  context: DockerContext,
  id: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const view = await findContainer(context, id, signal)
  return view === undefined ? undefined : (publishedUrl(view) ?? internalUrl(view.Name.replace(/^\//, '')))
}

/** The URL that an inspect shows; `undefined` while it shows none. */
export function publishedUrl({ HostConfig, NetworkSettings }: ContainerInspect): string | undefined {
  if (HostConfig.NetworkMode === 'host') return `http://127.0.0.1:${AGENT_PORT}`
  const binding = NetworkSettings.Ports[AGENT_PORT_KEY]?.find(({ HostPort }) => HostPort !== '')
  return binding === undefined ? undefined : `http://${binding.HostIp || '127.0.0.1'}:${binding.HostPort}`
}
