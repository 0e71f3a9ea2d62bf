// The types of the operations: resources, their options and bodies. All that is public of this room but `connect`.
export type { ArchiveStat } from './archive-stat.ts'
export type { BuildPruneOptions, ImageBuildOptions } from './build-options.ts'
export type { ByteStream, ReadLimit } from './byte-stream.ts'
export type {
  ArchiveOptions,
  ContainerAttachOptions,
  ContainerIo,
  ContainerLogsOptions,
  ContainerStatsOptions,
  LogsOptions,
} from './container-io.ts'
export type {
  ContainerKillOptions,
  ContainerRun,
  ContainerStartOptions,
  ContainerStopOptions,
  ContainerWait,
  ContainerWaitOptions,
} from './container-run.ts'
export type {
  ContainerCreateOptions,
  ContainerInspectOptions,
  ContainerListOptions,
  ContainerRemoveOptions,
  ContainerTopOptions,
  Containers,
} from './containers.ts'
export type { ContainerFiles, GetFileOptions, PutFileOptions } from './container-files.ts'
export type { Distribution, DistributionInspectOptions } from './distribution.ts'
export type { EventsOptions, Resync, WatchItem, WatchOptions, WatchPorts } from './events.ts'
export type { Exec, ExecCreateBody, ExecResult, ExecRunOptions, ExecStartBody, TerminalSize } from './exec.ts'
export type { ImageOutcome, LoadOutcome, PushOutcome } from './image-outcome.ts'
export type { ImagePullOptions, PullOutcome } from './image-pull.ts'
export type {
  ImageImportOptions,
  ImageLoadOptions,
  ImagePushOptions,
  ImageSaveOptions,
  ImageTransfer,
} from './image-transfer.ts'
export type {
  ImageAttestationsOptions,
  ImageCommitOptions,
  ImageHistoryOptions,
  ImageInspectOptions,
  ImageListOptions,
  ImageRemoveOptions,
  ImageSearchOptions,
  ImageTagOptions,
  Images,
} from './images.ts'
export type {
  NetworkConnectBody,
  NetworkCreateBody,
  NetworkDisconnectBody,
  NetworkInspectOptions,
  NetworkListOptions,
  Networks,
} from './networks.ts'
export type { NodeListOptions, NodeRemoveOptions, Nodes, SwarmObjectUpdateOptions } from './nodes.ts'
export type { CollectedOutput, OutputLine, OutputStream, OutputTargets, OutputTextOptions } from './output-stream.ts'
export type { OciPlatform, Platform } from './platform.ts'
export type {
  PluginListOptions,
  PluginPullOptions,
  PluginPushOptions,
  PluginUpgradeOptions,
  Plugins,
} from './plugins.ts'
export type { PruneOptions } from './prune-options.ts'
export type { LastMessages, ProgressSource, ProgressStream } from './progress-stream.ts'
export type { SecretBody, SecretListOptions, SecretStore } from './secrets.ts'
export type {
  ServiceBody,
  ServiceCreateOptions,
  ServiceInspectOptions,
  ServiceListOptions,
  ServiceUpdateOptions,
  Services,
} from './services.ts'
export type { Session } from './session.ts'
export type { Swarm, SwarmInitBody, SwarmJoinBody, SwarmLeaveOptions, SwarmUpdateOptions } from './swarm.ts'
export type { AuthBody, DiskUsageOptions, System } from './system.ts'
export type { PutArchiveOptions } from './put-archive.ts'
export type { FolderContext, TarSource } from './tar-body.ts'
export type { TarStream } from './tar-stream.ts'
export type { TarInput } from './tar.ts'
export type { TarEntry } from './untar.ts'
export type { TaskListOptions, Tasks } from './tasks.ts'
export type {
  VolumeCreateBody,
  VolumeListOptions,
  VolumeRemoveOptions,
  VolumeUpdateBody,
  VolumeUpdateOptions,
  Volumes,
} from './volumes.ts'
export type { WebSocketSession } from './websocket-session.ts'
