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
export { connect, type ConnectOptions, type Docker } from './engine/connect.ts'
