// What the specs of the model share: an engine with a client on it.
import { connect, type Docker } from '../../../lib/index.ts'
import {
  manualClock,
  modelEngine,
  type ModelEngine,
  type ModelEngineOptions,
  type ModelImage,
} from '../../../lib/testing/model/index.ts'

export const V1: ModelImage = { config: { Cmd: ['/serve'], Env: ['VERSION=1'], Labels: { version: '1' } } }
export const V2: ModelImage = { config: { Cmd: ['/serve'], Env: ['VERSION=2'], Labels: { version: '2' } } }
export const APP = 'ghcr.io/acme/app:latest'

export interface Lab {
  readonly engine: ModelEngine
  readonly docker: Docker
}

/** An engine whose time passes by itself, and a strict client on it without a socket. */
export async function lab(options: ModelEngineOptions = {}): Promise<Lab> {
  const engine = modelEngine({ images: { [APP]: V1 }, clock: manualClock({ auto: true }), ...options })
  const docker = await connect({ host: 'unix:///model', transport: () => engine.transport(), validate: 'strict' })
  return { engine, docker }
}
