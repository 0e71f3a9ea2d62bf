import * as z from 'zod/mini'

import { textAt, type JsonObject } from '../base/json.ts'
import { DockerError, printable } from '../base/errors.ts'
import type { ContainerInspect } from '../engine/schema/container-inspect.ts'
import { int64, list, map, maybe, objectMap, stringMap } from '../engine/schema/shape.ts'

type Inspect = ContainerInspect
type State = Inspect['State']

/** A health check with its durations as doubles: whoever creates a container takes them from the raw inspect. */
interface HealthcheckView {
  Test: string[]
  /** Nanoseconds. */
  Interval?: number | undefined
  Timeout?: number | undefined
  StartPeriod?: number | undefined
  Retries?: number | undefined
}

/** The members of an inspect that a refresh decides by. All others are passed on unread. */
export interface ContainerView extends Pick<Inspect, 'Id' | 'Created' | 'Name' | 'Image' | 'RestartCount'> {
  State: Pick<State, 'Status' | 'ExitCode' | 'Error'> & {
    Health?: Pick<NonNullable<State['Health']>, 'Status'> | undefined
  }
  Config: Pick<Inspect['Config'], 'Hostname' | 'Image' | 'Labels'> & {
    Healthcheck?: HealthcheckView | undefined
    StopTimeout?: number | undefined
  }
  HostConfig: Pick<
    Inspect['HostConfig'],
    'NetworkMode' | 'IpcMode' | 'PidMode' | 'VolumesFrom' | 'Links' | 'RestartPolicy' | 'AutoRemove' | 'PortBindings'
  >
  Mounts: Pick<Inspect['Mounts'][number], 'Type' | 'Destination' | 'RW'>[]
  NetworkSettings: { Networks: Record<string, { IPAddress: string }>; Ports: Inspect['NetworkSettings']['Ports'] }
}

// Go has 64 bits for these: `--health-interval 2600h` is beyond 2^53 nanoseconds.
const count: z.ZodMiniType<number> = z.pipe(int64, z.transform(Number))
const times = {
  Interval: maybe(count),
  Timeout: maybe(count),
  StartPeriod: maybe(count),
  Retries: maybe(count),
}
const bindings = map<{ HostIp: string; HostPort: string }[] | null>((value) => value === null || Array.isArray(value))

const containerView: z.ZodMiniType<ContainerView> = z.looseObject({
  Id: z.string(),
  Created: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: count,
  State: z.looseObject({
    Status: z.string(),
    ExitCode: count,
    Error: z.string(),
    Health: maybe(z.looseObject({ Status: z.string() })),
  }),
  Config: z.looseObject({
    Hostname: z.string(),
    Image: z.string(),
    Labels: stringMap,
    Healthcheck: maybe(z.looseObject({ Test: list(z.string()), ...times })),
    StopTimeout: maybe(count),
  }),
  HostConfig: z.looseObject({
    NetworkMode: z.string(),
    IpcMode: z.string(),
    PidMode: z.string(),
    VolumesFrom: list(z.string()),
    Links: list(z.string()),
    RestartPolicy: z.looseObject({ Name: z.string(), MaximumRetryCount: maybe(count) }),
    AutoRemove: z.boolean(),
    PortBindings: bindings,
  }),
  Mounts: list(z.looseObject({ Type: z.string(), Destination: z.string(), RW: z.boolean() })),
  NetworkSettings: z.looseObject({ Networks: objectMap<{ IPAddress: string }>(), Ports: bindings }),
})

/** Reads a raw inspect. @throws DockerError `PROTOCOL_VIOLATION` naming what cannot be understood: nothing is done by guess */
export function readView(raw: JsonObject): ContainerView {
  const read = containerView.safeParse(raw)
  if (read.success) return read.data
  const members = read.error.issues.map((issue) => issue.path.join('.')).join(', ')
  const name = printable(textAt(raw, 'Name').replace(/^\//, '') || textAt(raw, 'Id').slice(0, 12) || 'a container', 100)
  throw new DockerError('PROTOCOL_VIOLATION', `the engine's inspect of ${name} cannot be understood: ${members}`)
}
