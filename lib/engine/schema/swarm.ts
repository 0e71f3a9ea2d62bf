import * as z from 'zod/mini'

import { int64, list, maybe, stringMap, type Int64 } from './shape.ts'
import { swarmObjectShape, tlsInfo, type SwarmObject, type TlsInfo } from './swarm-object.ts'
import { logDriver, type LogDriver } from './task-spec.ts'

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
  CAConfig?: SwarmCaConfig | undefined
  EncryptionConfig?: { AutoLockManagers?: boolean | undefined } | undefined
  /** For services that name none of their own. */
  TaskDefaults?: { LogDriver?: LogDriver | undefined } | undefined
}

/** How the swarm issues its certificates. */
export interface SwarmCaConfig {
  /** Nanoseconds. */
  NodeCertExpiry?: Int64 | undefined
  ExternalCAs: {
    /** `cfssl` */
    Protocol?: string | undefined
    URL?: string | undefined
    Options: Record<string, string>
    /** PEM. */
    CACert?: string | undefined
  }[]
  /** PEM; of an update only. */
  SigningCACert?: string | undefined
  /** PEM, a secret; of an update only, and never in an answer. */
  SigningCAKey?: string | undefined
  /** Raised by an update to have a new root made. */
  ForceRotate?: Int64 | undefined
}

/** What a manager tells of its swarm without the tokens. */
export interface SwarmCluster extends SwarmObject {
  Spec: SwarmSpec
  RootRotationInProgress: boolean
  DataPathPort?: number | undefined
  DefaultAddrPool: string[]
  SubnetSize?: number | undefined
  TLSInfo?: TlsInfo | undefined
}

/** `GET /swarm` */
export interface Swarm extends SwarmCluster {
  /** Secrets: who has one can join. */
  JoinTokens: { Worker: string; Manager: string }
}

const swarmClusterShape: { [Key in keyof Required<SwarmCluster>]: z.ZodMiniType<SwarmCluster[Key]> } = {
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
    CAConfig: maybe(
      z.looseObject({
        NodeCertExpiry: maybe(int64),
        ExternalCAs: list(
          z.looseObject({
            Protocol: maybe(z.string()),
            URL: maybe(z.string()),
            Options: stringMap,
            CACert: maybe(z.string()),
          }),
        ),
        SigningCACert: maybe(z.string()),
        SigningCAKey: maybe(z.string()),
        ForceRotate: maybe(int64),
      }),
    ),
    EncryptionConfig: maybe(z.looseObject({ AutoLockManagers: maybe(z.boolean()) })),
    TaskDefaults: maybe(z.looseObject({ LogDriver: maybe(logDriver) })),
  }),
  RootRotationInProgress: z.boolean(),
  DataPathPort: maybe(z.number()),
  DefaultAddrPool: list(z.string()),
  SubnetSize: maybe(z.number()),
  TLSInfo: tlsInfo,
}

export const swarmCluster: z.ZodMiniType<SwarmCluster> = z.looseObject(swarmClusterShape)

export const swarm: z.ZodMiniType<Swarm> = z.looseObject({
  ...swarmClusterShape,
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
