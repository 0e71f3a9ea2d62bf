// The public API of `dockline`. Withheld: the wire (transport, negotiation, decoders) and zod's schemas, which may change.
export {
  ApiError,
  AbortedError,
  ConnectionError,
  CredentialError,
  DockerError,
  InputError,
  ProtocolError,
  RefreshError,
  StreamError,
  TimeoutError,
  VersionError,
  WorkspaceError,
  hasCode,
  isConflict,
  isDockerError,
  isNotFound,
  isUnreachable,
  type ErrorCode,
} from './base/errors.ts'
export { printJson, type JsonObject, type JsonValue } from './base/json.ts'
export type { Clock, Env, Files, Log, Processes, Random } from './base/ports.ts'
export { familiarReference, formatReference, parseReference, type Reference } from './base/reference.ts'
export type { RegistryAuth } from './base/registry-auth.ts'
export { Secret } from './base/secret.ts'
export { connect, type ConnectOptions, type Docker } from './engine/connect.ts'
export type * from './engine/schema/types.ts' // a list of names
export type * from './engine/types.ts' // a list of names
export type { Output } from './stream/frames.ts'
export {
  emptyProgress,
  reduceProgress,
  type LayerProgress,
  type ProgressMessage,
  type PullProgress,
} from './stream/progress.ts'
export type { CallOptions, Changed } from './wire/operation.ts'
export type { Endpoint } from './wire/endpoint.ts'
export type { Filters } from './wire/query.ts'
export type { Validation, ValidationMessage } from './wire/validate.ts'
