import type { Env } from '../../lib/base/ports.ts'
import { silentLog, systemRandom } from '../../lib/base/system.ts'
import type { Backend } from '../../lib/workspace/backend.ts'
import { controlPlaneBackend } from '../../lib/workspace/control-plane/backend.ts'
import { controlPlaneConfig } from '../../lib/workspace/control-plane/config.ts'
import type { ControlPlaneContext } from '../../lib/workspace/control-plane/context.ts'
import { controlPlaneHttp } from '../../lib/workspace/control-plane/http.ts'
import { memoryStore } from '../../lib/workspace/store/memory.ts'
import type { InstanceStore } from '../../lib/workspace/store/store.ts'
import { controlPlane, type ControlPlane } from './control-plane.ts'

export const SECRETS: Env = {
  MOLECULE_CP_SHARED_SECRET: 'canary-shared',
  ADMIN_TOKEN: 'canary-tenant',
  CP_ADMIN_API_TOKEN: 'canary-admin',
}

/** A control plane's backend over a real line, and what it works with. */
export interface PlaneWorld extends AsyncDisposable {
  readonly plane: ControlPlane
  readonly backend: Backend
  readonly store: InstanceStore
  readonly context: ControlPlaneContext
}

export interface PlaneWorldOptions {
  readonly env?: Env
  /** Machines on file, by workspace. */
  readonly onFile?: Readonly<Record<string, string>>
  readonly store?: InstanceStore
  /** Milliseconds for one request. */
  readonly timeout?: number
  /** Whether there is a line. */
  readonly http?: boolean
}

export async function planeWorld(options: PlaneWorldOptions = {}): Promise<PlaneWorld> {
  const plane = await controlPlane()
  const config = controlPlaneConfig({
    MOLECULE_ORG_ID: 'org-1',
    CP_PROVISION_URL: plane.url,
    ...SECRETS,
    ...options.env,
  })
  const store = options.store ?? memoryStore()
  for (const [id, instanceId] of Object.entries(options.onFile ?? {})) {
    plane.machines.set(instanceId, 'running')
    await store.save(id, { instanceId, status: 'online' })
  }
  const http = options.http === false ? undefined : controlPlaneHttp(config.baseUrl, options.timeout ?? 5000)
  const context = { config, http, store, random: systemRandom, log: silentLog }
  const backend = controlPlaneBackend(context)
  const dispose = async (): Promise<void> => {
    await backend.close()
    await plane[Symbol.asyncDispose]()
  }
  return { plane, backend, store, context, [Symbol.asyncDispose]: dispose }
}

const fail = (): Promise<never> => Promise.reject(new Error('db down'))

/** A store that cannot be asked. */
export function brokenStore(): InstanceStore {
  return { ...memoryStore(), instanceId: fail, save: fail, get: fail }
}
