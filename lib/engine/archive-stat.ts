import { ProtocolError } from '../base/errors.ts'
import { isObject, parseJson, type JsonValue } from '../base/json.ts'

/** What is at a path in a container. */
export interface ArchiveStat {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Go's `os.FileMode`: permissions in the low nine bits, bit 31 for a directory, bit 27 for a link. */
  readonly mode: number
  /** RFC 3339. */
  readonly mtime: string
  /** Where a link points; empty for what is none. */
  readonly linkTarget: string
}

/** Reads the header `X-Docker-Container-Path-Stat`, JSON in base64. @throws ProtocolError when it is absent or torn */
export function archiveStat(headers: Readonly<Record<string, string>>, path: string): ArchiveStat {
  const header = headers['x-docker-container-path-stat'] ?? ''
  const value = decode(header)
  if (isObject(value)) {
    const { name, size, mode, mtime, linkTarget = '' } = value
    if (typeof name === 'string' && typeof mtime === 'string' && typeof linkTarget === 'string')
      return { name, size: Number(size), mode: Number(mode), mtime, linkTarget }
  }
  throw new ProtocolError('PROTOCOL_VIOLATION', `the engine's answer to HEAD ${path} does not tell what is there`, {
    method: 'HEAD',
    path,
  })
}

function decode(header: string): JsonValue | undefined {
  try {
    return parseJson(Buffer.from(header, 'base64').toString('utf8'))
  } catch {
    return undefined
  }
}
