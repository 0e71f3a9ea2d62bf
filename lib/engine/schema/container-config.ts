import * as z from 'zod/mini'

import { int64, list, maybe, objectMap, stringMap, type Int64 } from './shape.ts'

/** `Healthcheck` of a container or an image. Times in nanoseconds. */
export interface HealthcheckConfig {
  /** `["CMD", …]`, `["CMD-SHELL", text]`, `["NONE"]`; empty takes the image's. */
  Test: string[]
  Interval?: Int64 | undefined
  Timeout?: Int64 | undefined
  StartPeriod?: Int64 | undefined
  /** Needs API 1.44. */
  StartInterval?: Int64 | undefined
  Retries?: Int64 | undefined
}

export const healthcheckConfig: z.ZodMiniType<HealthcheckConfig> = z.looseObject({
  Test: list(z.string()),
  Interval: maybe(int64),
  Timeout: maybe(int64),
  StartPeriod: maybe(int64),
  StartInterval: maybe(int64),
  Retries: maybe(int64),
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
  StopTimeout?: Int64 | undefined
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
  StopTimeout: maybe(int64),
  Shell: list(z.string()),
})
