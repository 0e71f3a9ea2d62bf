import * as z from 'zod/mini'

import type { JsonObject } from '../base/json.ts'
import { DockerError } from '../base/errors.ts'
import type { ContainerInspect } from '../engine/schema/container-inspect.ts'
import { list, map, maybe, objectMap, stringMap } from '../engine/schema/shape.ts'

type Inspect = ContainerInspect
type State = Inspect['State']

/** The members of an inspect that a refresh decides by. All others are passed on unread. */
export interface ContainerView extends Pick<Inspect, 'Id' | 'Created' | 'Name' | 'Image' | 'RestartCount'> {
  State: Pick<State, 'Status' | 'ExitCode' | 'Error'> & {
    Health?: Pick<NonNullable<State['Health']>, 'Status'> | undefined
  }
  Config: Pick<Inspect['Config'], 'Hostname' | 'Image' | 'Labels' | 'Healthcheck' | 'StopTimeout'>
  HostConfig: Pick<
    Inspect['HostConfig'],
    'NetworkMode' | 'IpcMode' | 'PidMode' | 'VolumesFrom' | 'Links' | 'RestartPolicy' | 'AutoRemove' | 'PortBindings'
  >
  Mounts: Pick<Inspect['Mounts'][number], 'Type' | 'Destination' | 'RW'>[]
  NetworkSettings: { Networks: Record<string, { IPAddress: string }>; Ports: Inspect['NetworkSettings']['Ports'] }
}

const times = {
  Interval: maybe(z.number()),
  Timeout: maybe(z.number()),
  StartPeriod: maybe(z.number()),
  Retries: maybe(z.number()),
}
const bindings = map<{ HostIp: string; HostPort: string }[] | null>((value) => value === null || Array.isArray(value))

const containerView: z.ZodMiniType<ContainerView> = z.looseObject({
  Id: z.string(),
  Created: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  State: z.looseObject({
    Status: z.string(),
    ExitCode: z.number(),
    Error: z.string(),
    Health: maybe(z.looseObject({ Status: z.string() })),
  }),
  Config: z.looseObject({
    Hostname: z.string(),
    Image: z.string(),
    Labels: stringMap,
    Healthcheck: maybe(z.looseObject({ Test: list(z.string()), ...times })),
    StopTimeout: maybe(z.number()),
  }),
  HostConfig: z.looseObject({
    NetworkMode: z.string(),
    IpcMode: z.string(),
    PidMode: z.string(),
    VolumesFrom: list(z.string()),
    Links: list(z.string()),
    RestartPolicy: z.looseObject({ Name: z.string(), MaximumRetryCount: maybe(z.number()) }),
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
  throw new DockerError('PROTOCOL_VIOLATION', `the engine's inspect of a container cannot be understood: ${members}`)
}
