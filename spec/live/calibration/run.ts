// Runs the script against one engine, real or not.
import { request } from 'node:http'

import { isObject, parseJson, printJson, textAt, type JsonObject, type JsonValue } from '../../../lib/base/json.ts'
import { statusError } from '../../../lib/wire/failure.ts'
import { brief, normal } from './observe.ts'
import { CLEANUP, STEPS, type Step, type Wanted } from './steps.ts'

export interface Target {
  /** `unix:///…` */
  readonly host: string
  /** API version of the calls. */
  readonly version: string
  /** What `{host}` and `{locked}` stand for. */
  readonly registries: Readonly<Record<'host' | 'locked', string>>
  /** Lets milliseconds pass. */
  readonly pause: (ms: number) => Promise<unknown>
}

/** What came of one step. */
export interface Seen {
  readonly step: string
  readonly status: number
  /** dockline's name for the failure, or how a stream failed. */
  readonly code: string
  /** The engine's words, for the table. */
  readonly words: string
  /** The answer, where it is compared whole. */
  readonly whole?: JsonValue
  /** All containers of the script, in short. */
  readonly state: JsonObject
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Runs every step and looks at the engine after each; cleans up behind itself. */
export async function runScript(target: Target): Promise<Seen[]> {
  const kept = new Map<string, string>(Object.entries(target.registries))
  await cleanUp(target, kept)
  const seen: Seen[] = []
  try {
    for (const step of STEPS) seen.push(await runStep(target, step, kept))
  } finally {
    await cleanUp(target, kept)
  }
  return seen
}

async function runStep(target: Target, step: Step, kept: Map<string, string>): Promise<Seen> {
  if (step.after !== undefined) await target.pause(step.after)
  const answer = await send(target, step, kept)
  if (step.keep !== undefined) {
    const member = valueOf(answer.text)
    if (isObject(member)) kept.set(step.keep.as, textAt(member, step.keep.member))
  }
  if (step.until !== undefined) await waitUntil(target, step.until)
  if (step.gone !== undefined) await waitUntilGone(target, step.gone)
  if (step.settle !== undefined) await target.pause(step.settle)
  const { code, words } = failureOf(answer, step)
  const whole =
    step.whole === true && answer.status < 300 ? { whole: normal(valueOf(answer.text), target.registries) } : {}
  return { step: step.name, status: answer.status, code, words, ...whole, state: await stateOf(target) }
}

function failureOf({ status, type, text }: Answer, { call }: Step): { code: string; words: string } {
  if (status >= 300 && status !== 304) {
    const [method = '', path = ''] = call.split(' ')
    const error = statusError(status, type, text, { method, path, endpoint: '' })
    return { code: error.code, words: error.words ?? '' }
  }
  const line = text.split('\n').find((one) => one.includes('"errorDetail"'))
  if (line === undefined) return { code: status === 304 ? 'unchanged' : 'ok', words: '' }
  return { code: 'failed in the stream', words: line }
}

async function waitUntil(target: Target, { name, and, ...wanted }: NonNullable<Step['until']>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const inspect = valueOf((await raw(target, 'GET', `/v${target.version}/containers/${name}/json`)).text)
    if (isSo(inspect, wanted) && (and === undefined || isSo(inspect, and))) return
    await target.pause(50)
  }
}

function isSo(inspect: JsonValue, { path, is }: Wanted): boolean {
  let value: JsonValue | undefined = inspect
  for (const key of path) value = isObject(value) ? value[key] : undefined
  return value === is
}

async function waitUntilGone(target: Target, name: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if ((await raw(target, 'GET', `/v${target.version}/containers/${name}/json`)).status === 404) return
    await target.pause(50)
  }
}

async function stateOf(target: Target): Promise<JsonObject> {
  const filters = encodeURIComponent('{"name":["calib-"]}')
  const list = valueOf((await raw(target, 'GET', `/v${target.version}/containers/json?all=1&filters=${filters}`)).text)
  const names = Array.isArray(list)
    ? list.flatMap((row) => (isObject(row) && Array.isArray(row['Names']) ? row['Names'] : []))
    : []
  const state: [string, JsonObject][] = []
  for (const name of names.map(String).toSorted()) {
    const inspect = valueOf((await raw(target, 'GET', `/v${target.version}/containers${name}/json`)).text)
    if (isObject(inspect)) state.push([name, brief(inspect, target.registries)])
  }
  return Object.fromEntries(state)
}

async function cleanUp(target: Target, kept: ReadonlyMap<string, string>): Promise<void> {
  for (const call of CLEANUP) await send(target, { name: call, call }, kept)
}

function send(target: Target, step: Step, kept: ReadonlyMap<string, string>): Promise<Answer> {
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => kept.get(name) ?? whole)
  const [method = '', ...rest] = step.call.split(' ')
  const path = `${step.unversioned === true ? '' : `/v${target.version}`}${encodeQuery(fill(rest.join(' ')))}`
  const body = step.text ?? (step.body === undefined ? undefined : fill(printJson(step.body)))
  return raw(target, method, path, body, step.headers)
}

// Filters are written as JSON in the script.
function encodeQuery(path: string): string {
  const mark = path.indexOf('?')
  return mark < 0
    ? path
    : path.slice(0, mark) +
        path.slice(mark).replace(/filters=(.*)/, (_, json: string) => `filters=${encodeURIComponent(json)}`)
}

function raw(
  { host }: Target,
  method: string,
  path: string,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: host.replace('unix://', ''),
        method,
        path,
        headers: {
          ...headers,
          ...(body === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        },
      },
      (response) => {
        const chunks: Uint8Array[] = []
        response.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

function valueOf(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return text
  }
}
