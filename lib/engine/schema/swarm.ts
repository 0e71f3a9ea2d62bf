import * as z from 'zod/mini'

import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'
import { swarmObjectShape, type SwarmObject } from './swarm-object.ts'

export interface SwarmSpec {
  Name: string
  Labels: Record<string, string>
  Orchestration?: { TaskHistoryRetentionLimit?: number | undefined } | undefined
  Raft?:
    | {
        SnapshotInterval?: number | undefined
        KeepOldSnapshots?: number | undefined
        LogEntriesForSlowFollowers?: number | undefined
        ElectionTick?: number | undefined
        HeartbeatTick?: number | undefined
      }
    | undefined
  /** Nanoseconds. */
  Dispatcher?: { HeartbeatPeriod?: Int64 | undefined } | undefined
  CAConfig?: { NodeCertExpiry?: Int64 | undefined } | undefined
  EncryptionConfig?: { AutoLockManagers?: boolean | undefined } | undefined
}

/** `GET /swarm` */
export interface Swarm extends SwarmObject {
  Spec: SwarmSpec
  RootRotationInProgress: boolean
  DataPathPort?: number | undefined
  DefaultAddrPool: string[]
  SubnetSize?: number | undefined
  /** Secrets: who has one can join. */
  JoinTokens: { Worker: string; Manager: string }
}

export const swarm: z.ZodMiniType<Swarm> = z.looseObject({
  ...swarmObjectShape,
  Spec: z.looseObject({
    Name: z.string(),
    Labels: stringMap,
    Orchestration: maybe(z.looseObject({ TaskHistoryRetentionLimit: maybe(z.number()) })),
    Raft: maybe(
      z.looseObject({
        SnapshotInterval: maybe(z.number()),
        KeepOldSnapshots: maybe(z.number()),
        LogEntriesForSlowFollowers: maybe(z.number()),
        ElectionTick: maybe(z.number()),
        HeartbeatTick: maybe(z.number()),
      }),
    ),
    Dispatcher: maybe(z.looseObject({ HeartbeatPeriod: maybe(int64) })),
    CAConfig: maybe(z.looseObject({ NodeCertExpiry: maybe(int64) })),
    EncryptionConfig: maybe(z.looseObject({ AutoLockManagers: maybe(z.boolean()) })),
  }),
  RootRotationInProgress: z.boolean(),
  DataPathPort: maybe(z.number()),
  DefaultAddrPool: list(z.string()),
  SubnetSize: maybe(z.number()),
  JoinTokens: z.looseObject({ Worker: z.string(), Manager: z.string() }),
})

/** `POST /swarm/init`: id of this node. */
export const swarmNodeId: z.ZodMiniType<string> = z.string()

/** `GET /swarm/unlockkey` */
export interface SwarmUnlockKey {
  /** A secret; empty when managers are not locked. */
  UnlockKey: string
}

export const swarmUnlockKey: z.ZodMiniType<SwarmUnlockKey> = z.looseObject({ UnlockKey: z.string() })
