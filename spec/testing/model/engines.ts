// What the specs of the model share: an engine with a client on it.
import { parseJson, printJson, type JsonObject, type JsonValue } from '../../../lib/base/json.ts'
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

export interface Answer {
  readonly status: number
  readonly body: JsonValue
}

/** A call at an API version, `POST /v1.56/containers/web/stop`, without the client's schemas. */
export async function call({ engine }: Pick<Lab, 'engine'>, what: string, body?: JsonObject): Promise<Answer> {
  const [method, path = ''] = what.split(' ')
  const response = await engine.transport().request({
    method: method as 'GET' | 'POST' | 'DELETE',
    path,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : printJson(body),
    headersTimeout: 0,
    idleTimeout: 0,
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8').trim()
  return { status: response.status, body: text === '' ? null : parseJson(text) }
}
