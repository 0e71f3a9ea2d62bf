// A process that refreshes, and may die at any call.
import { encodeRegistryAuth, type RegistryAuth } from '../../lib/base/registry-auth.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import type { RefreshPorts } from '../../lib/refresh/refresh.ts'
import type { ManualClock, ModelEngine } from '../../lib/testing/model/index.ts'

/** A login that tells for whom it is: it must go nowhere else. */
export const canaryOf = (registry: string): RegistryAuth & { username: string; password: string } => ({
  username: `user-of-${registry}`,
  password: `canary-of-${registry}`,
})

export const canaryHeader = (registry: string): string => encodeRegistryAuth(canaryOf(registry), registry)

export interface Process {
  readonly ports: RefreshPorts
  readonly docker: Docker
  /** From now on it neither asks nor hears anything. */
  kill(): void
  /** Resolves when it was killed. */
  readonly killed: Promise<undefined>
  /** Ends what it still waits for. */
  bury(): void
}

export async function startProcess(engine: ModelEngine, clock: ManualClock, self: string): Promise<Process> {
  const death = new AbortController()
  const burial = new AbortController()
  const grave = new Promise<never>((_, reject) => {
    burial.signal.addEventListener('abort', () => reject(new Error(`${self} is dead`)), { once: true })
  })
  grave.catch(() => {})
  const killed = new Promise<undefined>((resolve) => {
    death.signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const transport = engine.transport()
  const mortal = {
    ...transport,
    request: (request: Parameters<typeof transport.request>[0]) => {
      if (death.signal.aborted) return grave
      return transport.request(request).then(
        (response) => (death.signal.aborted ? grave : response),
        (error: unknown) => {
          if (death.signal.aborted) return grave
          throw error
        },
      )
    },
  }
  const docker = await connect({ host: 'unix:///model', transport: () => mortal, validate: 'strict', clock })
  let ids = 0
  const ports: RefreshPorts = {
    engine: docker,
    credentials: { resolve: async (registry) => ({ auth: canaryOf(registry), source: 'a canary' }) },
    clock,
    random: { id: () => `${self}-${++ids}`, fraction: () => 0.5 },
    processes: { self: async () => self, state: async (identity) => (identity === self ? 'alive' : 'dead') },
  }
  return {
    ports,
    docker,
    killed,
    kill: () => death.abort(),
    bury: () => {
      death.abort()
      burial.abort()
    },
  }
}
