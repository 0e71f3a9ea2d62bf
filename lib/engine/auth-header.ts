import { parseReference } from '../base/reference.ts'
import { encodeRegistryAuth, type RegistryAuth } from '../base/registry-auth.ts'

/** `X-Registry-Auth` for the registry of a reference, or no header where there is no credential. */
export function authHeader(auth: RegistryAuth | undefined, reference: string): Record<string, string> {
  return auth === undefined ? {} : { 'X-Registry-Auth': encodeRegistryAuth(auth, parseReference(reference).registry) }
}
