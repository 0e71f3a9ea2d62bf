// The public API of `dockline/workspace`. Withheld: the steps of a start and a stop, which only together are safe.
export type {
  Backend,
  BackendOptions,
  Found,
  Locating,
  Logging,
  ReadOptions,
  Reading,
  Reaping,
  RemoveOptions,
  Started,
  Status,
} from './backend.ts'
export { CONSOLE_LIMIT } from './backend.ts'
export type { Access } from './access.ts'
export { checkAccess, chooseAccess } from './access.ts'
export { chooseBackend, usesControlPlane, type ChoosePorts } from './choose.ts'
export { checkConfigSource, findTemplate } from './config-source.ts'
export { controlPlaneBackend } from './control-plane/backend.ts'
export { controlPlaneConfig, type ControlPlaneConfig } from './control-plane/config.ts'
export type { ControlPlaneContext } from './control-plane/context.ts'
export { controlPlaneHttp, type Http } from './control-plane/http.ts'
export { dockerBackend, type DockerBackend } from './docker/backend.ts'
export type { DockerPorts, DockerSettings, WorkspaceEngine } from './docker/context.ts'
export {
  cacheKeys,
  checkHealth,
  remoteStaleAfter,
  watchHealth,
  type HealthOptions,
  type HealthPorts,
  type HealthReport,
} from './health.ts'
export { runtimeOfImage, workspaceImage } from './image.ts'
export { INSTANCE_LABEL, MANAGED_LABEL, WORKSPACE_LABEL, platformInstance } from './labels.ts'
export { isRemovedIn, workspaceLife, type Life } from './life.ts'
export { AGENT_PORT, internalUrl, legacyNames, workspaceNames, type WorkspaceNames } from './names.ts'
export { connectPostgres } from './store/connect-postgres.ts'
export { jsonFileStore, type JsonFileOptions } from './store/json-file.ts'
export { memoryStore } from './store/memory.ts'
export { postgresStore, type Queryable } from './store/postgres.ts'
export type { InstanceStore, RowChange, RowStatus, WorkspaceRow } from './store/store.ts'
export {
  sweepOnce,
  type Pass,
  type Sightings,
  type SweepItem,
  type SweepOptions,
  type SweepPorts,
  type SweepReport,
} from './sweep.ts'
export { systemTemplates, type Templates } from './template.ts'
export { unconfiguredBackend } from './unconfigured.ts'
export { watchOrphans, type OrphanPorts } from './watch-orphans.ts'
export type { ConfigFile, Workspace } from './workspace.ts'
