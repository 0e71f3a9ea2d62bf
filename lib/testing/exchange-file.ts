import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import * as z from 'zod/mini'

import { InputError } from '../base/errors.ts'
import { parseJson, printJson, type JsonValue } from '../base/json.ts'

/** One request and what was answered. */
export interface Exchange {
  /** For people: the case, and which exchange of it. */
  readonly name: string
  readonly request: RecordedRequest
  readonly response: RecordedResponse
  /** What came over the raw connection after a 101, in order. */
  readonly upgrade?: readonly UpgradeStep[] | undefined
  /** Answered only while the replay is in this state; a replay begins in the state `''`. */
  readonly when?: string | undefined
  /** The state after it was answered. */
  readonly then?: string | undefined
  /** `reset` cuts the connection without an answer, `cutAfter` after so many bytes of the body. */
  readonly fail?: 'reset' | { readonly cutAfter: number } | undefined
}

export interface RecordedRequest {
  readonly method: string
  /** As asked, with version prefix. */
  readonly path: string
  /** Decoded; each name with its values in order. */
  readonly query: Readonly<Record<string, readonly string[]>>
  /** Lower-case names; of an allow-list only. */
  readonly headers: Readonly<Record<string, string>>
  /** A JSON body as its value, any other as `sha256:` and 64 hex digits. Absent when there was none. */
  readonly body?: JsonValue | undefined
}

export interface RecordedResponse {
  readonly status: number
  /** Of an allow-list only; those that frame the body are not among them. */
  readonly headers: Readonly<Record<string, string>>
  /** The body in base64, cut where its chunks ended on the wire. */
  readonly chunks: readonly string[]
  /** The body never ended: the program left first. */
  readonly open?: boolean | undefined
}

/** Bytes in base64, or `null` for a half-close. */
export interface UpgradeStep {
  readonly from: 'client' | 'engine'
  readonly data: string | null
}

const headers = z.record(z.string(), z.string())
const exchange: z.ZodMiniType<Exchange> = z.strictObject({
  name: z.string(),
  request: z.strictObject({
    method: z.string(),
    path: z.string().check(z.startsWith('/')),
    query: z.record(z.string(), z.array(z.string())),
    headers,
    body: z.optional(z.custom<JsonValue>()),
  }),
  response: z.strictObject({
    status: z.number(),
    headers,
    chunks: z.array(z.base64()),
    open: z.optional(z.boolean()),
  }),
  upgrade: z.optional(z.array(z.strictObject({ from: z.enum(['client', 'engine']), data: z.nullable(z.base64()) }))),
  when: z.optional(z.string()),
  // oxlint-disable-next-line unicorn/no-thenable -- the name of a state, never a function
  then: z.optional(z.string()),
  fail: z.optional(z.union([z.literal('reset'), z.strictObject({ cutAfter: z.number() })])),
})
const exchanges: z.ZodMiniType<Exchange[]> = z.union([
  z.array(exchange),
  z.pipe(
    exchange,
    z.transform((one) => [one]),
  ),
])

/**
 * Reads exchange files: a file holds one exchange or an array of them; a directory stands for all `*.json` in it, by name.
 *
 * @throws InputError `INPUT_INVALID` naming the file and the member that is wrong
 */
export async function loadExchanges(...paths: readonly string[]): Promise<Exchange[]> {
  const files = await Promise.all(paths.map((path) => filesAt(path)))
  const loaded = await Promise.all(files.flat().map((file) => loadFile(file)))
  return loaded.flat()
}

/** Writes a case to `file`, and its directory when there is none. */
export async function saveExchanges(file: string, exchanges: readonly Exchange[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${printJson(exchanges.length === 1 ? exchanges[0] : exchanges, 1)}\n`)
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => name.endsWith('.json'))
  if (names.length === 0) throw new InputError('INPUT_INVALID', `${path} holds no exchange file (*.json)`)
  return names.toSorted().map((name) => join(path, name))
}

async function loadFile(file: string): Promise<Exchange[]> {
  const fail = (why: string): InputError => new InputError('INPUT_INVALID', `${file} is not an exchange file: ${why}`)
  let value: JsonValue
  try {
    value = parseJson(await readFile(file, 'utf8'))
  } catch (error) {
    throw fail((error as Error).message)
  }
  const result = exchanges.safeParse(value)
  if (result.success) return result.data
  throw fail(result.error.issues.map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`).join('; '))
}
