import { isObject, parseJson, type JsonValue } from '../base/json.ts'
import { createRedactor, type Redactor } from '../base/redact.ts'
import { loginSecrets } from '../base/registry-auth.ts'
import type { Operation } from './operation.ts'

const HEADERS: readonly string[] = ['X-Registry-Auth', 'X-Registry-Config']
const MEMBERS: ReadonlySet<string> = new Set(['password', 'auth', 'identitytoken', 'registrytoken'])

/** Takes the registry credentials of a request out of what comes back: an engine repeats what a registry said to it. */
export function redactorOf({ headers = {}, json, path }: Pick<Operation, 'headers' | 'json' | 'path'>): Redactor {
  const encoded = HEADERS.flatMap((name) => headers[name] ?? [])
  const bodies = encoded.map(decoded)
  if (path === '/auth') bodies.push((json ?? null) as JsonValue)
  return createRedactor([...encoded, ...bodies.flatMap(secretsIn)])
}

/** Takes secrets out of the texts of a line that reports a failure; any other line is left as it is. */
export function withoutSecrets(value: JsonValue, redact: () => Redactor): JsonValue {
  if (!isObject(value) || (value['error'] === undefined && value['errorDetail'] === undefined)) return value
  return redacted(value, redact())
}

function redacted(value: JsonValue, redact: Redactor): JsonValue {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((one) => redacted(one, redact))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, redacted(member, redact)]))
}

function decoded(header: string): JsonValue {
  try {
    return parseJson(Buffer.from(header, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

function secretsIn(value: JsonValue): string[] {
  if (!isObject(value)) return []
  const own = Object.entries(value).flatMap(([name, member]) =>
    typeof member === 'string' && MEMBERS.has(name) ? [member] : secretsIn(member),
  )
  const { username, password } = value
  return typeof username === 'string' && typeof password === 'string'
    ? [...own, ...loginSecrets(username, password)]
    : own
}
