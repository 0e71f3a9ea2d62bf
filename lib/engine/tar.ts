import {
  createTarDecoder,
  createTarPacker,
  type ParsedTarEntry,
  type TarHeader,
  type TarPackController,
} from 'modern-tar'

import { AbortedError, InputError, ProtocolError, hasCode, isDockerError, messageOf } from '../base/errors.ts'
import { leavable, leftWith } from '../stream/leavable.ts'
import { watched } from '../stream/source.ts'
import { ByteStream } from './byte-stream.ts'
import { releaseContents, watchContents } from './tar-contents.ts'
import { TarGuard, checkName, type UntarOptions } from './tar-guard.ts'
import { TarScan } from './tar-scan.ts'

/** A file, directory (no content, name ends with a slash) or symbolic link (`target`) to pack. */
export interface TarInput {
  /** Relative, with slashes, without `..`. */
  readonly name: string
  readonly content?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  /** Bytes; needed when the content is a stream, and then exact. */
  readonly size?: number | undefined
  /** Where a link points: relative, and not out of the archive. */
  readonly target?: string | undefined
  /** Permissions; default 0o644, for directories 0o755. */
  readonly mode?: number | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** Default 1970: equal files make equal archives. */
  readonly mtime?: Date | undefined
}

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
 * Packs files, streaming: contents are read as the archive is. Streams that are not reached are destroyed.
 *
 * @throws InputError `INPUT_INVALID` for an absolute name, `..`, a link out of the archive, a number that a header cannot
 *   hold, or a content of another size; AbortedError `ABORTED` when a content fails
 */
export function tar(files: Iterable<TarInput> | AsyncIterable<TarInput>): AsyncGenerator<Uint8Array, void, undefined> {
  watchContents(files)
  return leavable(
    () => packed(files),
    () => releaseContents(files),
  )
}

async function* packed(
  files: Iterable<TarInput> | AsyncIterable<TarInput>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { readable, controller } = createTarPacker()
  let failure: unknown
  const written = writeAll(controller, files).catch((error: unknown) => {
    failure = hasCode(error, 'ARCHIVE_UNSAFE')
      ? new InputError('INPUT_INVALID', error.message, { cause: error })
      : error
    controller.error(failure)
  })
  try {
    yield* readable
  } catch (error) {
    await written
    throw failure ?? error // the packer's own error comes first, and says less
  }
}

async function writeAll(
  controller: TarPackController,
  files: Iterable<TarInput> | AsyncIterable<TarInput>,
): Promise<void> {
  const guard = new TarGuard()
  for await (const file of files) {
    const header = headerOf(file)
    guard.check(header)
    await writeEntry(controller, header, file)
  }
  controller.finalize()
}

async function writeEntry(controller: TarPackController, header: TarHeader, { content }: TarInput): Promise<void> {
  const writer = controller.add(header).getWriter()
  try {
    for await (const chunk of isStream(content) ? told(header.name, content) : [bytesOf(content)]) {
      if (chunk.length > 0) await writer.write(chunk)
    }
    await writer.close()
  } catch (cause) {
    if (isDockerError(cause)) throw cause
    throw new InputError('INPUT_INVALID', `cannot pack ${JSON.stringify(header.name)}: ${messageOf(cause)}`, { cause })
  }
}

// A content that fails is no fault of the archive.
async function* told(name: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* watched(content)
  } catch (cause) {
    const why = `the content of ${JSON.stringify(name)} failed: ${messageOf(cause, 200)}`
    throw isDockerError(cause) ? cause : new AbortedError('ABORTED', why, { cause })
  }
}

// What the number fields of a header hold (POSIX ustar): seven octal digits, and eleven for sizes and seconds.
const MOST_ID = 0o7777777
const MOST_SECONDS = 0o77777777777
const MOST_MODE = 0o7777

function headerOf({ name, content, size, target, mode, uid, gid, mtime }: TarInput): TarHeader {
  const refuse = (rule: string): never => {
    throw new InputError('INPUT_INVALID', `cannot pack ${JSON.stringify(name)}: ${rule}`)
  }
  const whole = (what: string, value: number, most: number): number =>
    Number.isInteger(value) && value >= 0 && value <= most
      ? value
      : refuse(`its ${what} is ${value}: it is a whole number from 0 to ${most}`)
  checkName(name)
  if (isStream(content) && size === undefined) refuse('a streamed content needs its size')
  const type = target !== undefined ? 'symlink' : name.endsWith('/') ? 'directory' : 'file'
  const seconds = (mtime ?? new Date(0)).getTime() / 1000
  if (!(seconds >= 0 && seconds <= MOST_SECONDS)) refuse('its mtime is no date from 1970 to 2242')
  return {
    name,
    type,
    size: isStream(content) ? whole('size', size as number, MOST_SECONDS) : bytesOf(content).length,
    mode: whole('mode', mode ?? (type === 'directory' ? 0o755 : 0o644), MOST_MODE),
    uid: whole('uid', uid ?? 0, MOST_ID),
    gid: whole('gid', gid ?? 0, MOST_ID),
    mtime: mtime ?? new Date(0),
    ...(target === undefined ? {} : { linkname: target }),
  }
}

function isStream(content: TarInput['content']): content is AsyncIterable<Uint8Array> {
  return typeof content === 'object' && !(content instanceof Uint8Array)
}

function bytesOf(content: string | Uint8Array | undefined): Uint8Array {
  return content instanceof Uint8Array ? content : Buffer.from(content ?? '')
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
