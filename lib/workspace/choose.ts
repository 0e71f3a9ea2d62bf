import type { Env, Log, Random } from '../base/ports.ts'
import type { Backend } from './backend.ts'
import { controlPlaneBackend } from './control-plane/backend.ts'
import { controlPlaneConfig } from './control-plane/config.ts'
import { controlPlaneHttp } from './control-plane/http.ts'
import type { InstanceStore } from './store/store.ts'
import { unconfiguredBackend } from './unconfigured.ts'

export interface ChoosePorts {
  readonly env: Env
  readonly store: InstanceStore
  readonly random: Random
  readonly log: Log
  /** Makes the Docker backend; `undefined` where there is no engine. */
  readonly docker?: (() => Backend) | undefined
}

/** True when the environment names a control plane. */
export function usesControlPlane(env: Env): boolean {
  return (env['MOLECULE_ORG_ID']?.trim() ?? '') !== ''
}

/** The backend of a platform: its control plane when it has one, else its engine, else the one that says there is none. */
export function chooseBackend({ env, store, random, log, docker }: ChoosePorts): Backend {
  if (!usesControlPlane(env)) return docker?.() ?? unconfiguredBackend()
  const config = controlPlaneConfig(env)
  return controlPlaneBackend({ config, http: controlPlaneHttp(config.baseUrl), store, random, log })
}
