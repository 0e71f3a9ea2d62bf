import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'

import { ProtocolError, isDockerError, messageOf } from '../base/errors.ts'
import { leavable, leftWith } from '../stream/leavable.ts'
import { ByteStream } from './byte-stream.ts'
import { TarGuard, checkName, type UntarOptions } from './tar-guard.ts'
import { TarScan } from './tar-scan.ts'

// Permissions, with setuid, setgid and sticky.
const MOST_MODE = 0o7777

/** An entry of a tar. */
export interface TarEntry {
  /** Relative, without trailing slash; `.` for the root. */
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'link'
  /** Bytes. */
  readonly size: number
  /** Permission bits, with setuid, setgid and sticky; engines also put the kind of file there. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: Date
  /** Where a link points. */
  readonly target: string | undefined
  /** To be read before the next entry is asked for; what is not read is skipped. */
  readonly content: ByteStream
}

/**
 * Unpacks a tar, streaming. Safe by default: what a hostile archive could use to reach outside of the directory into
 * which a caller writes is an error.
 *
 * @throws StreamError `ARCHIVE_UNSAFE`, `UNSUPPORTED` for a sparse file of GNU tar; ProtocolError `PROTOCOL_VIOLATION` for
 *   what is no whole, uncompressed tar
 */
export function untar(
  chunks: AsyncIterable<Uint8Array>,
  options: UntarOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  return leavable((left) => entriesOf(chunks, options, left))
}

async function* entriesOf(
  chunks: AsyncIterable<Uint8Array>,
  options: UntarOptions,
  left: AbortSignal,
): AsyncGenerator<TarEntry, void, undefined> {
  const guard = new TarGuard(options)
  const decoder = createTarDecoder({ strict: true })
  const over = new AbortController()
  const fed = feed(leftWith(chunks, AbortSignal.any([left, over.signal])), decoder.writable)
  try {
    for await (const entry of decoder.readable as AsyncIterable<ParsedTarEntry>) {
      const content = contentOf(entry.body)
      if (guard.admits(entry.header)) yield entryOf(entry, content)
      await content.return?.()
    }
  } catch (cause) {
    throw tornTar(cause)
  } finally {
    over.abort() // the source, wherever it is; at its end that is nothing
  }
  await fed
}

async function feed(chunks: AsyncIterable<Uint8Array>, writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter()
  const scan = new TarScan()
  try {
    for await (const chunk of chunks) {
      scan.see(chunk)
      await writer.write(chunk)
    }
    await writer.close()
  } catch (error) {
    await writer.abort(error).catch(() => {}) // the reader is told
  }
}

// By hand: the iterator of a web stream cannot be left while a read waits.
function contentOf(body: ReadableStream<Uint8Array>): AsyncIterableIterator<Uint8Array, undefined> {
  const reader = body.getReader()
  const content: AsyncIterableIterator<Uint8Array, undefined> = {
    next: async () => {
      const step = await reader.read()
      return step.done ? { done: true, value: undefined } : step
    },
    return: async () => {
      await reader.cancel()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => content,
  }
  return content
}

function entryOf({ header }: ParsedTarEntry, body: AsyncIterable<Uint8Array>): TarEntry {
  const { size, mode = 0, uid = 0, gid = 0, mtime = new Date(0), linkname } = header
  const type = header.type as TarEntry['type']
  const target = type === 'symlink' || type === 'link' ? linkname : undefined
  return {
    name: checkName(header.name),
    type,
    size,
    mode: mode & MOST_MODE,
    uid,
    gid,
    mtime,
    target,
    content: new ByteStream(body),
  }
}

function tornTar(cause: unknown): unknown {
  if (isDockerError(cause)) return cause
  return new ProtocolError('PROTOCOL_VIOLATION', `not a whole tar: ${messageOf(cause)}`, { cause })
}
