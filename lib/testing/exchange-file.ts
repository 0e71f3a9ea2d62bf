import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { InputError } from '../base/errors.ts'
import { parseJson, printJson, type JsonValue } from '../base/json.ts'
import { fromFile, toFile } from './exchange-format.ts'

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

/** A text that is put in the place of another in requests and answers; a text is replaced everywhere, a pattern too. */
export type Replacement = readonly [from: string | RegExp, to: string]

/** What one exchange file holds. */
export interface Recording {
  readonly exchanges: readonly Exchange[]
  /** Applied when it was recorded; a replay applies it to what it is asked. */
  readonly replace: readonly Replacement[]
}

/**
 * Reads exchange files: a file holds one exchange or several; a directory stands for all `*.json` in it, by name. Files
 * without a format version, as they were written before there was one, are read too.
 *
 * @throws InputError `INPUT_INVALID` naming the file and the member that is wrong, or a version that is not known
 */
export async function loadExchanges(...paths: readonly string[]): Promise<Exchange[]> {
  return (await loadRecordings(...paths)).flatMap(({ exchanges }) => exchanges)
}

/** The same with what else the files hold, a recording for each file. */
export async function loadRecordings(...paths: readonly string[]): Promise<Recording[]> {
  const files = await Promise.all(paths.map((path) => filesAt(path)))
  return Promise.all(files.flat().map((file) => loadFile(file)))
}

/** Writes a case to `file`, and its directory when there is none. A replay applies `replace` to what it is asked. */
export async function saveExchanges(
  file: string,
  exchanges: readonly Exchange[],
  { replace = [] }: { readonly replace?: readonly Replacement[] | undefined } = {},
): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${printJson(toFile({ exchanges, replace }), 1)}\n`)
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => name.endsWith('.json'))
  if (names.length === 0) throw new InputError('INPUT_INVALID', `${path} holds no exchange file (*.json)`)
  return names.toSorted().map((name) => join(path, name))
}

async function loadFile(file: string): Promise<Recording> {
  const text = await readFile(file, 'utf8')
  try {
    return fromFile(parseJson(text))
  } catch (error) {
    throw new InputError('INPUT_INVALID', `${file} is not an exchange file: ${(error as Error).message}`)
  }
}
