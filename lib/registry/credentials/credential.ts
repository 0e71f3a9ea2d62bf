import type { RegistryAuth } from '../../base/registry-auth.ts'

/** The credential for a registry, and where it came from. */
export interface ResolvedCredential {
  /** `undefined`: nothing was found, go anonymous. */
  readonly auth: RegistryAuth | undefined
  /** In words: `GHCR_USER and GHCR_TOKEN`, `auths of /path/config.json`, `anonymous`, … Never a value. */
  readonly source: string
}

/** A registry for which a credential is set up. */
export interface CredentialListing {
  /** Registry host, with podman's part of it; `*` stands for every registry, when a helper keeps them all. */
  readonly registry: string
  readonly source: string
}

/** Whose credential is looked for. */
export interface Target {
  readonly registry: string
  readonly repository: string | undefined
  /** Why places that could have answered did not. */
  readonly notes: string[]
}

/** One place of the chain. */
export interface CredentialSource {
  find(target: Target): Promise<ResolvedCredential | undefined>
  list(): Promise<CredentialListing[]>
}
