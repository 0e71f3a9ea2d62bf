import { createTarPacker, type TarHeader, type TarPackController } from 'modern-tar'

import { AbortedError, InputError, hasCode, isDockerError, messageOf } from '../base/errors.ts'
import { leavable } from '../stream/leavable.ts'
import { watched } from '../stream/source.ts'
import { releaseContents, watchContents } from './tar-contents.ts'
import { TarGuard, checkName } from './tar-guard.ts'

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

export interface TarOptions {
  /** `contained` (default) refuses links out of the archive, `any` packs them as they are: for who unpacks it in a place of its own. */
  readonly links?: 'contained' | 'any' | undefined
}

/**
 * Packs files, streaming: contents are read as the archive is. Streams that are not reached are destroyed.
 *
 * @throws InputError `INPUT_INVALID` for an absolute name, `..`, a link out of the archive, a number that a header cannot
 *   hold, or a content of another size; AbortedError `ABORTED` when a content fails
 */
export function tar(
  files: Iterable<TarInput> | AsyncIterable<TarInput>,
  options: TarOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  watchContents(files)
  return leavable(
    () => packed(files, options),
    () => releaseContents(files),
  )
}

async function* packed(
  files: Iterable<TarInput> | AsyncIterable<TarInput>,
  options: TarOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { readable, controller } = createTarPacker()
  let failure: unknown
  const written = writeAll(controller, files, options).catch((error: unknown) => {
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
  options: TarOptions,
): Promise<void> {
  const guard = new TarGuard(options)
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
