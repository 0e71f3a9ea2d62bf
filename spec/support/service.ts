import { Secret } from '../../lib/base/secret.ts'
import { RUNTIMES, WORKSPACE_PREFIX, runtimeTarget } from '../../lib/refresh/index.ts'
import type { Listener } from '../../lib/server/listen.ts'
import { listen } from '../../lib/server/listen.ts'
import { createService, type Service, type ServiceOptions } from '../../lib/server/service.ts'
import { RUNTIME_IMAGE, imageIdOf, refreshWorld, type RefreshWorld } from './refresh-world.ts'

export const TOKEN = 'a-token-that-is-long-enough'
export const BEARER: string = `Bearer ${TOKEN}`
export const REFRESH = '/admin/workspace-images/refresh'

export interface ServiceWorld {
  readonly world: RefreshWorld
  readonly service: Service
  /** One request without a socket, with the token and a loopback Host unless told otherwise. */
  readonly ask: (
    method: string,
    path: string,
    headers?: Readonly<Record<string, string | undefined>>,
  ) => Promise<Response>
  /** The log so far. */
  readonly log: { message: string; fields: Readonly<Record<string, unknown>> }[]
}

/** A service on an engine in memory: eight runtimes in the registry, one container that runs an old hermes. */
export function serviceWorld(options: Partial<ServiceOptions> = {}): ServiceWorld {
  const world = refreshWorld()
  for (const runtime of RUNTIMES) {
    world.registry.set(RUNTIME_IMAGE(runtime), imageIdOf(`${runtime}-new`))
    world.images.set(RUNTIME_IMAGE(runtime), imageIdOf(`${runtime}-old`))
  }
  world.containers.set('ws-1', { name: 'ws-1', image: RUNTIME_IMAGE('hermes'), imageId: imageIdOf('hermes-old') })
  const log: ServiceWorld['log'] = []
  const note = (message: string, fields = {}) => void log.push({ message, fields })
  const service = createService({
    ports: world.ports,
    setup: {
      targets: RUNTIMES.map((runtime) => runtimeTarget(runtime, {})),
      selection: { namePrefix: WORKSPACE_PREFIX },
      strategy: 'remove',
    },
    tokens: [{ name: 'ci', secret: new Secret(TOKEN) }],
    log: { info: note, warn: note },
    ...options,
  })
  const ask: ServiceWorld['ask'] = (method, path, headers = {}) => {
    const all = { host: '127.0.0.1', authorization: BEARER, ...headers }
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return service.fetch(new Request(`http://127.0.0.1${path}`, { method, headers: given }), { address: '192.0.2.1' })
  }
  return { world, service, ask, log }
}

/** The same on a real socket of loopback. */
export async function listening(options: Partial<ServiceOptions> = {}): Promise<ServiceWorld & { listener: Listener }> {
  const made = serviceWorld(options)
  return { ...made, listener: await listen(made.service, { kind: 'tcp', host: '127.0.0.1', port: 0 }) }
}
