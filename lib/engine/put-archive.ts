import type { CallOptions, Operation } from '../wire/call.ts'
import { path } from '../wire/path.ts'

export interface PutArchiveOptions {
  /** An existing directory in the container, where the tar is unpacked. */
  readonly path: string
  /** Refuse to put a file in the place of a directory, and the other way round. */
  readonly noOverwriteDirNonDir?: boolean | undefined
  /** Owners as in the tar and not as the container's user. */
  readonly copyUIDGID?: boolean | undefined
}

/** Unpacks a tar in a container. */
export function unpacking(
  id: string,
  options: PutArchiveOptions,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  call: CallOptions | undefined,
): Operation {
  return {
    method: 'PUT',
    path: path`/containers/${id}/archive`,
    query: { ...options },
    raw: { type: 'application/x-tar', body },
    long: true,
    call,
  }
}
