import { CredentialError } from '../../base/errors.ts'
import { isObject, objectAt, parseJson, type JsonObject } from '../../base/json.ts'
import type { Files } from '../../base/ports.ts'
import { readAuthEntry, type AuthEntry } from './auth-entry.ts'

/** What a docker `config.json` or podman `auth.json` says about logins. */
export interface ConfigFile {
  readonly path: string
  readonly auths: ReadonlyMap<string, AuthEntry>
  /** Helper suffix by registry; an empty one switches the store off for that registry. */
  readonly credHelpers: ReadonlyMap<string, string>
  readonly credsStore: string
}

const MAX_CONFIG_BYTES = 1 << 20

/**
 * Reads one file; `undefined` when there is none.
 *
 * @throws CredentialError `CREDENTIALS_INVALID` when it cannot be read or is not JSON; its text is never shown
 */
export async function readConfigFile(path: string, files: Pick<Files, 'readText'>): Promise<ConfigFile | undefined> {
  const text = await readFile(path, files)
  if (text === undefined) return undefined
  const value = text.trim() === '' ? {} : parseObject(text)
  if (value === undefined) throw unusable(path, 'it is not a JSON object')
  const store = value['credsStore'] ?? ''
  const helpers = [...members(value, 'credHelpers')]
  if (typeof store !== 'string' || helpers.some(([, suffix]) => typeof suffix !== 'string'))
    throw unusable(path, '"credsStore" and the members of "credHelpers" must be strings')
  return {
    path,
    auths: readAuths(value),
    credHelpers: new Map(helpers as [string, string][]),
    credsStore: store,
  }
}

/** The `auths` of a file by key. A bad entry spoils only itself. */
export function readAuths(value: JsonObject): ReadonlyMap<string, AuthEntry> {
  return new Map([...members(value, 'auths')].map(([key, entry]) => [key, readAuthEntry(entry)]))
}

/** JSON text as an object; `undefined` when it is anything else. The parser's own words would quote the text. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

// Entries, not property reads: a key may be called `__proto__`.
function members(value: JsonObject, key: string): [string, JsonObject[string]][] {
  return Object.entries(objectAt(value, key))
}

async function readFile(path: string, files: Pick<Files, 'readText'>): Promise<string | undefined> {
  try {
    return await files.readText(path, MAX_CONFIG_BYTES)
  } catch (cause) {
    throw unusable(path, (cause as NodeJS.ErrnoException).code ?? (cause as Error).message, cause)
  }
}

function unusable(path: string, reason: string, cause?: unknown): CredentialError {
  return new CredentialError(
    'CREDENTIALS_INVALID',
    `cannot use the logins in ${path}: ${reason}. Repair or remove it.`,
    {
      cause,
      facts: { path },
    },
  )
}
