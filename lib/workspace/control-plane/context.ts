import type { Log, Random } from '../../base/ports.ts'
import type { InstanceStore } from '../store/store.ts'
import type { ControlPlaneConfig } from './config.ts'
import type { Http } from './http.ts'

/** What the control plane's backend works with. */
export interface ControlPlaneContext {
  readonly config: ControlPlaneConfig
  /** `undefined` where no line was set up: what needs none still works. */
  readonly http: Http | undefined
  /** Where the machines of workspaces are on file. */
  readonly store: Pick<InstanceStore, 'instanceId' | 'save'>
  readonly random: Random
  readonly log: Log
}

/** Bytes of an answer that are read. */
export const MAX_BODY: number = 64 << 10
