import { InputError } from '../base/errors.ts'
import type { TarInput } from './tar.ts'

/** A tar as bytes, or files to pack. */
export type TarSource = Uint8Array | AsyncIterable<Uint8Array> | readonly TarInput[]

// gzip, bzip2, xz, zstd: what the engine would unpack (moby pkg/archive DetectCompression).
const COMPRESSED = ['1f8b08', '425a68', 'fd377a585a00', '28b52ffd']
const LONGEST = 6

/** The bytes to send. The packer is loaded only when there is something to pack. */
export function tarBytes(source: TarSource): Uint8Array | AsyncIterable<Uint8Array> {
  return isFiles(source) ? pack(source) : source
}

/** The same, of a tar that is not compressed. @throws InputError `INPUT_INVALID` for one that is */
export function uncompressedTar(source: TarSource): Uint8Array | AsyncIterable<Uint8Array> {
  const bytes = tarBytes(source)
  if (!(bytes instanceof Uint8Array)) return isFiles(source) ? bytes : checked(bytes)
  refuseCompressed(bytes)
  return bytes
}

function isFiles(source: TarSource): source is readonly TarInput[] {
  return Array.isArray(source)
}

async function* pack(files: readonly TarInput[]): AsyncGenerator<Uint8Array, void, undefined> {
  const { tar } = await import('./tar.ts')
  yield* tar(files)
}

async function* checked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let start: Uint8Array | undefined = new Uint8Array()
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk
      continue
    }
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk])
    if (start.length < LONGEST) continue
    refuseCompressed(start)
    yield start
    start = undefined
  }
  if (start === undefined || start.length === 0) return
  refuseCompressed(start)
  yield start
}

function refuseCompressed(bytes: Uint8Array): void {
  const head = Buffer.from(bytes.subarray(0, LONGEST)).toString('hex')
  if (!COMPRESSED.some((magic) => head.startsWith(magic))) return
  throw new InputError(
    'INPUT_INVALID',
    'only uncompressed tars are sent: the engine may unpack others with programs that it finds in the container. Unpack it first.',
  )
}
