import { InputError } from '../base/errors.ts'
import { decode, type Decoder } from '../stream/decode.ts'
import { leavable } from '../stream/leavable.ts'
import { isAsyncIterable, watched } from '../stream/source.ts'
import { releaseContents, watchContents } from './tar-contents.ts'
import type { TarInput } from './tar.ts'

/** A tar as bytes, or files to pack. */
export type TarSource = Uint8Array | AsyncIterable<Uint8Array> | readonly TarInput[]

/** A folder of this machine as the context of a build, without what its `.dockerignore` leaves out. */
export interface FolderContext {
  /** Its path. Nothing above it is read, and links in it are sent as links. */
  readonly context: string
}

/** A folder with all that is in it. */
export interface WholeFolder {
  readonly folder: string
  /** Owners as they are here and not 0. */
  readonly owners: boolean | undefined
}

// gzip, bzip2, xz, zstd: what the engine would unpack (moby pkg/archive DetectCompression).
const COMPRESSED = ['1f8b08', '425a68', 'fd377a585a00', '28b52ffd']
const LONGEST = 6

/** The bytes to send. The packer is loaded only when there is something to pack. */
export function tarBytes(source: TarSource): Uint8Array | AsyncIterable<Uint8Array> {
  if (isFiles(source)) return pack(source)
  if (source instanceof Uint8Array) return source
  if (isAsyncIterable(source)) return watched(source)
  throw new InputError('INPUT_INVALID', 'not a tar: give bytes, a stream of bytes, or a list of files')
}

/** The same for a build, whose context may be a folder. `dockerfile` is its path in there. */
export function contextBytes(
  source: TarSource | FolderContext,
  dockerfile: string | undefined,
): Uint8Array | AsyncIterable<Uint8Array> {
  if (!isContext(source)) return tarBytes(source)
  const folder = checkedFolder(source.context)
  return packFolder(async () => (await import('./folder.ts')).contextFiles(folder, dockerfile ?? 'Dockerfile'))
}

/** A folder with all that is in it, as a tar. */
export function folderBytes({ folder, owners }: WholeFolder): AsyncIterable<Uint8Array> {
  const path = checkedFolder(folder)
  return packFolder(async () => (await import('./folder.ts')).folderFiles(path, { owners }))
}

/** The same, of a tar that is not compressed. @throws InputError `INPUT_INVALID` for one that is */
export function uncompressedTar(source: TarSource): Uint8Array | AsyncIterable<Uint8Array> {
  const bytes = tarBytes(source)
  if (!(bytes instanceof Uint8Array)) return isFiles(source) ? bytes : decode(bytes, new CompressionCheck())
  refuseCompressed(bytes)
  return bytes
}

function isContext(source: TarSource | FolderContext): source is FolderContext {
  return typeof source === 'object' && source !== null && Object.hasOwn(source, 'context')
}

function checkedFolder(folder: unknown): string {
  if (typeof folder === 'string' && folder !== '') return folder
  throw new InputError('INPUT_INVALID', `the folder is ${JSON.stringify(folder)}: give its path as a text`)
}

function packFolder(
  filesOf: () => Promise<AsyncGenerator<TarInput, void, undefined>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  return leavable(async function* () {
    const { tar } = await import('./tar.ts')
    yield* tar(await filesOf(), { links: 'any' })
  })
}

function isFiles(source: TarSource): source is readonly TarInput[] {
  return Array.isArray(source)
}

function pack(files: readonly TarInput[]): AsyncGenerator<Uint8Array, void, undefined> {
  watchContents(files)
  return leavable(
    () => packed(files),
    () => releaseContents(files),
  )
}

async function* packed(files: readonly TarInput[]): AsyncGenerator<Uint8Array, void, undefined> {
  const { tar } = await import('./tar.ts')
  yield* tar(files)
}

// No generator: one that was not started yet does not free its source when it is left.
class CompressionCheck implements Decoder<Uint8Array> {
  #start: Uint8Array | undefined = new Uint8Array()

  push(chunk: Uint8Array, out: Uint8Array[]): void {
    if (this.#start === undefined) return void out.push(chunk)
    this.#start = this.#start.length === 0 ? chunk : Buffer.concat([this.#start, chunk])
    if (this.#start.length >= LONGEST) this.end(out)
  }

  end(out: Uint8Array[]): void {
    const start = this.#start
    this.#start = undefined
    if (start === undefined || start.length === 0) return
    refuseCompressed(start)
    out.push(start)
  }
}

function refuseCompressed(bytes: Uint8Array): void {
  const head = Buffer.from(bytes.subarray(0, LONGEST)).toString('hex')
  if (!COMPRESSED.some((magic) => head.startsWith(magic))) return
  throw new InputError(
    'INPUT_INVALID',
    'only uncompressed tars are sent: the engine may unpack others with programs that it finds in the container. Unpack it first.',
  )
}
