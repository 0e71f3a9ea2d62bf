import type { RegistryAuth } from '../base/registry-auth.ts'
import type { CallOptions, Wire } from '../wire/call.ts'
import { imageName } from '../wire/path.ts'
import { authHeader } from './auth-header.ts'
import { distributionInspect, type DistributionInspect } from './schema/distribution.ts'

export interface DistributionInspectOptions {
  readonly auth?: RegistryAuth | undefined
}

/** Registries, as the engine sees them. podman has no such operation. */
export class Distribution {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /**
   * `GET /distribution/{name}/json`: digest and platforms of an image in its registry, without pulling it.
   *
   * @throws ApiError `UNAUTHORIZED`, `NOT_FOUND`, and on older engines `ENGINE_ERROR` for either
   */
  async inspect(
    name: string,
    options: DistributionInspectOptions = {},
    call?: CallOptions,
  ): Promise<DistributionInspect> {
    return this.#wire.json(
      {
        method: 'GET',
        path: `/distribution/${imageName(name)}/json`,
        headers: authHeader(options.auth, name),
        call,
      },
      distributionInspect,
    )
  }
}
