import { isObject, type JsonValue } from '../../base/json.ts'
import type { RegistryAuth } from '../../base/registry-auth.ts'
import { Secret } from '../../base/secret.ts'

/** An entry of `auths`: a credential, nothing (`{}` marks a login kept by a helper), or unreadable. */
export type AuthEntry = RegistryAuth | 'empty' | 'unreadable'

// Go's StdEncoding: padded, and no character of the URL alphabet.
const STANDARD_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Reads `{auth}`, `{username,password}`, `{identitytoken}` or `{registrytoken}`; the token is what engines prefer too. */
export function readAuthEntry(value: JsonValue | undefined): AuthEntry {
  if (value === null || value === undefined) return 'empty'
  if (!isObject(value)) return 'unreadable'
  const [registrytoken, identitytoken, auth, username, password] = [
    textAt(value['registrytoken']),
    textAt(value['identitytoken']),
    textAt(value['auth']),
    textAt(value['username']),
    textAt(value['password']),
  ]
  const basic = auth === '' ? plainPair(username, password) : decodeAuth(auth)
  if (registrytoken === undefined || identitytoken === undefined || basic === 'unreadable') return 'unreadable'
  if (registrytoken !== '') return { registrytoken: new Secret(registrytoken) }
  if (identitytoken !== '') return { identitytoken: new Secret(identitytoken) }
  return basic
}

/** `user:password` in padded standard base64, cut at the first colon, NULs at the end dropped (docker/cli `decodeAuth`). */
export function decodeAuth(auth: string | undefined): AuthEntry {
  const text = auth?.replace(/[\r\n]/g, '')
  if (text === undefined || !STANDARD_BASE64.test(text)) return 'unreadable'
  const pair = Buffer.from(text, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 1) return 'unreadable'
  return { username: pair.slice(0, colon), password: new Secret(withoutTrailingNuls(pair.slice(colon + 1))) }
}

function plainPair(username: string | undefined, password: string | undefined): AuthEntry {
  if (username === undefined || password === undefined) return 'unreadable'
  return username === '' ? 'empty' : { username, password: new Secret(password) }
}

function withoutTrailingNuls(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--
  return text.slice(0, end)
}

// Absent and null are Go's empty string; `undefined` stands for another type.
function textAt(value: JsonValue | undefined): string | undefined {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : undefined
}
