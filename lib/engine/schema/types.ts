// The types of the engine's answers and of the bodies that have some in common with them.
export type { Body } from './body.ts'
export type { ContainerConfig, HealthcheckConfig } from './container-config.ts'
export type { ContainerCreateBody, ContainerUpdateBody, NetworkingConfig, RawCreateBody } from './container-create.ts'
export type { ContainerHealth, ContainerInspect, ContainerState, ContainerStatus } from './container-inspect.ts'
export type { ContainerTty } from './container-tty.ts'
export type {
  ContainerChange,
  ContainerCreateResponse,
  ContainerPruneResponse,
  ContainerSummary,
  ContainerTop,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  Port,
} from './containers.ts'
export type { Descriptor, OciPlatformFields } from './descriptor.ts'
export type { BuildCache, DiskUsage, KindUsage } from './disk-usage.ts'
export type { DistributionInspect } from './distribution.ts'
export type { EndpointIpamConfig, EndpointSettings } from './endpoint.ts'
export type { EngineEvent } from './events.ts'
export type { ExecCreateResponse, ExecInspect, ExecProcess } from './exec.ts'
export type { HostConfig, PortBinding, RestartPolicy } from './host-config.ts'
export type {
  BuildPruneResponse,
  CommitResponse,
  ImageAttestation,
  ImageHistoryItem,
  ImagePruneResponse,
  ImageSearchItem,
} from './image-answers.ts'
export type { ImageConfig, ImageDeleteItem, ImageInspect, ImageSummary } from './images.ts'
export type { ImageIdentity, ImageManifest, ImageSignature } from './image-manifests.ts'
export type { LibpodContainer } from './libpod-container.ts'
export type { BindOptions, Mount, MountPoint, TmpfsOptions, VolumeOptions } from './mounts.ts'
export type {
  IpamConfig,
  Network,
  NetworkCreateResponse,
  NetworkMember,
  NetworkPruneResponse,
  NetworkService,
  NetworkStatus,
} from './networks.ts'
export type { Node, NodeSpec } from './nodes.ts'
export type { Plugin, PluginConfig, PluginDevice, PluginMount, PluginPrivilege } from './plugins.ts'
export type { DeviceMapping, DeviceRequest, Resources, ThrottleDevice, Ulimit, WeightDevice } from './resources.ts'
export type { SecretInspect, SecretSpec } from './secrets.ts'
export type {
  Service,
  ServiceCreateResponse,
  ServiceEndpointSpec,
  ServiceMode,
  ServicePort,
  ServiceSpec,
  ServiceUpdateResponse,
  UpdateConfig,
} from './services.ts'
export type { Int64 } from './shape.ts'
export type {
  BlkioEntry,
  BlkioStats,
  ContainerStats,
  CpuStats,
  CpuUsage,
  MemoryStats,
  NetworkStats,
  StorageStats,
  ThrottlingData,
} from './stats.ts'
export type { GenericResource, SwarmCreateResponse, SwarmObject, TaskResources, TlsInfo } from './swarm-object.ts'
export type { Swarm as SwarmSettings, SwarmCaConfig, SwarmCluster, SwarmSpec, SwarmUnlockKey } from './swarm.ts'
export type {
  EnginePlugins,
  EngineRuntime,
  RegistryServiceConfig,
  SwarmInfo,
  SwarmPeer,
  SystemInfo,
} from './system-info.ts'
export type { AuthResponse, PingResult, SystemVersion } from './system.ts'
export type { TaskPrivileges } from './task-privileges.ts'
export type { FileReference, LogDriver, TaskContainerSpec, TaskNetwork, TaskPluginSpec, TaskSpec } from './task-spec.ts'
export type { Task, TaskStatus } from './tasks.ts'
export type {
  ClusterVolume,
  ClusterVolumeSpec,
  Volume,
  VolumeList,
  VolumePruneResponse,
  VolumeTopology,
} from './volumes.ts'
