import * as z from 'zod/mini'

import { list, maybe } from './shape.ts'

/** `POST /containers/{id}/exec` */
export interface ExecCreateResponse {
  Id: string
}

export const execCreateResponse: z.ZodMiniType<ExecCreateResponse> = z.looseObject({ Id: z.string() })

/** What an exec runs. */
export interface ExecProcess {
  entrypoint: string
  arguments: string[]
  tty: boolean
  privileged?: boolean | undefined
  user?: string | undefined
}

/** `GET /exec/{id}/json` */
export interface ExecInspect {
  ID: string
  ContainerID: string
  Running: boolean
  /** `undefined` until it ended; 126 and 127 mean that it could not be started. */
  ExitCode: number | undefined
  ProcessConfig: ExecProcess
  OpenStdin: boolean
  OpenStdout: boolean
  OpenStderr: boolean
  CanRemove: boolean
  DetachKeys?: string | undefined
  Pid: number
}

export const execInspect: z.ZodMiniType<ExecInspect> = z.looseObject({
  ID: z.string(),
  ContainerID: z.string(),
  Running: z.boolean(),
  ExitCode: maybe(z.number()),
  ProcessConfig: z.looseObject({
    entrypoint: z.string(),
    arguments: list(z.string()),
    tty: z.boolean(),
    privileged: maybe(z.boolean()),
    user: maybe(z.string()),
  }),
  OpenStdin: z.boolean(),
  OpenStdout: z.boolean(),
  OpenStderr: z.boolean(),
  CanRemove: z.boolean(),
  DetachKeys: maybe(z.string()),
  Pid: z.number(),
})
