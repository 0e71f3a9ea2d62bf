import type { JsonObject } from '../../base/json.ts'
import type { Body } from './body.ts'
import type { ContainerConfig } from './container-config.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { HostConfig, RestartPolicy } from './host-config.ts'
import type { Resources } from './resources.ts'

/** Endpoints by network name or id; the key must be the same as in `HostConfig.NetworkMode`. */
export interface NetworkingConfig {
  readonly EndpointsConfig?: Readonly<Record<string, Body<EndpointSettings> | null>> | null | undefined
}

/** Body of `POST /containers/create`, in the API's own words. */
export type ContainerCreateBody = Body<ContainerConfig> & {
  readonly Image: string
  readonly HostConfig?: Body<HostConfig> | null | undefined
  readonly NetworkingConfig?: NetworkingConfig | null | undefined
}

/** The same as plain JSON, for instance made from `inspectRaw`. */
export type RawCreateBody = JsonObject & { readonly Image: string }

/** Body of `POST /containers/{id}/update`: what is left out stays as it is. */
export type ContainerUpdateBody = Body<Resources> & {
  readonly RestartPolicy?: Body<RestartPolicy> | null | undefined
}
