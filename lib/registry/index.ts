// The public API of `dockline/registry`. Withheld: the parts of the client (challenges, realms, tokens, HTTP), which may
// change; what they refuse and why is in the codes of the errors.
export { encodeRegistryAuth, encodeRegistryConfig, type RegistryAuth } from '../base/registry-auth.ts'
export { parseReference, type Reference } from '../base/reference.ts'
export { Secret } from '../base/secret.ts'
export { createRegistryClient, type RegistryClient, type RegistryClientOptions } from './client.ts'
export type { PinnedReference } from './created.ts'
export type { HelperExit, HelperRunner } from './credentials/helper.ts'
export {
  createCredentials,
  type CredentialListing,
  type Credentials,
  type CredentialsOptions,
  type ResolvedCredential,
} from './credentials/resolve.ts'
export type { DigestOptions, RemoteDigest } from './digest.ts'
export type { RateLimit } from './rate-limit.ts'
export type { TrustedRealms } from './realm.ts'
