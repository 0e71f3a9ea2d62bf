import * as z from 'zod/mini'

import { list, maybe, objectMap, stringMap } from './shape.ts'

/** `Healthcheck` of a container or an image. Times in nanoseconds. */
export interface HealthcheckConfig {
  /** `["CMD", …]`, `["CMD-SHELL", text]`, `["NONE"]`; empty takes the image's. */
  Test: string[]
  Interval?: number | undefined
  Timeout?: number | undefined
  StartPeriod?: number | undefined
  /** Needs API 1.44. */
  StartInterval?: number | undefined
  Retries?: number | undefined
}

export const healthcheckConfig: z.ZodMiniType<HealthcheckConfig> = z.looseObject({
  Test: list(z.string()),
  Interval: maybe(z.number()),
  Timeout: maybe(z.number()),
  StartPeriod: maybe(z.number()),
  StartInterval: maybe(z.number()),
  Retries: maybe(z.number()),
})

/** What a container is of itself; `HostConfig` is what the host gives it. */
export interface ContainerConfig {
  Hostname: string
  Domainname?: string | undefined
  /** `user`, `user:group`, by name or number. */
  User?: string | undefined
  AttachStdin?: boolean | undefined
  AttachStdout?: boolean | undefined
  AttachStderr?: boolean | undefined
  /** `80/tcp` */
  ExposedPorts: Record<string, object>
  Tty: boolean
  OpenStdin?: boolean | undefined
  StdinOnce?: boolean | undefined
  Env: string[]
  Cmd: string[]
  Healthcheck?: HealthcheckConfig | undefined
  ArgsEscaped?: boolean | undefined
  /** The reference the container was created from, as it was written then. */
  Image: string
  /** Anonymous volumes, by path. */
  Volumes: Record<string, object>
  WorkingDir?: string | undefined
  Entrypoint: string[]
  NetworkDisabled?: boolean | undefined
  /** Below API 1.44; from 1.52 on an error. */
  MacAddress?: string | undefined
  OnBuild: string[]
  Labels: Record<string, string>
  StopSignal?: string | undefined
  /** Seconds. */
  StopTimeout?: number | undefined
  Shell: string[]
}

export const containerConfig: z.ZodMiniType<ContainerConfig> = z.looseObject({
  Hostname: z.string(),
  Domainname: maybe(z.string()),
  User: maybe(z.string()),
  AttachStdin: maybe(z.boolean()),
  AttachStdout: maybe(z.boolean()),
  AttachStderr: maybe(z.boolean()),
  ExposedPorts: objectMap<object>(),
  Tty: z.boolean(),
  OpenStdin: maybe(z.boolean()),
  StdinOnce: maybe(z.boolean()),
  Env: list(z.string()),
  Cmd: list(z.string()),
  Healthcheck: maybe(healthcheckConfig),
  ArgsEscaped: maybe(z.boolean()),
  Image: z.string(),
  Volumes: objectMap<object>(),
  WorkingDir: maybe(z.string()),
  Entrypoint: list(z.string()),
  NetworkDisabled: maybe(z.boolean()),
  MacAddress: maybe(z.string()),
  OnBuild: list(z.string()),
  Labels: stringMap,
  StopSignal: maybe(z.string()),
  StopTimeout: maybe(z.number()),
  Shell: list(z.string()),
})
