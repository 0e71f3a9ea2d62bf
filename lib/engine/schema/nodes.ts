import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'
import {
  swarmObjectShape,
  taskResources,
  tlsInfo,
  type SwarmObject,
  type TaskResources,
  type TlsInfo,
} from './swarm-object.ts'

export interface NodeSpec {
  Name?: string | undefined
  Labels: Record<string, string>
  Role: 'worker' | 'manager' | (string & {})
  Availability: 'active' | 'pause' | 'drain' | (string & {})
}

/** `GET /nodes`, `GET /nodes/{id}` */
export interface Node extends SwarmObject {
  Spec: NodeSpec
  Description: {
    Hostname: string
    Platform?: { Architecture: string; OS: string } | undefined
    Resources?: TaskResources | undefined
    Engine?:
      | { EngineVersion: string; Labels: Record<string, string>; Plugins: { Type: string; Name: string }[] }
      | undefined
    TLSInfo?: TlsInfo | undefined
  }
  Status: { State: string; Message?: string | undefined; Addr: string }
  /** Only of managers. */
  ManagerStatus?: { Leader?: boolean | undefined; Reachability: string; Addr: string } | undefined
}

export const node: z.ZodMiniType<Node> = z.looseObject({
  ...swarmObjectShape,
  Spec: z.looseObject({
    Name: maybe(z.string()),
    Labels: stringMap,
    Role: z.string(),
    Availability: z.string(),
  }),
  Description: z.looseObject({
    Hostname: z.string(),
    Platform: maybe(z.looseObject({ Architecture: z.string(), OS: z.string() })),
    Resources: maybe(taskResources),
    Engine: maybe(
      z.looseObject({
        EngineVersion: z.string(),
        Labels: stringMap,
        Plugins: list(z.looseObject({ Type: z.string(), Name: z.string() })),
      }),
    ),
    TLSInfo: tlsInfo,
  }),
  Status: z.looseObject({ State: z.string(), Message: maybe(z.string()), Addr: z.string() }),
  ManagerStatus: maybe(z.looseObject({ Leader: maybe(z.boolean()), Reachability: z.string(), Addr: z.string() })),
})

export const nodes: z.ZodMiniType<Node[]> = list(node)
