import { leavable, leftWith } from '../stream/leavable.ts'
import { ByteStream } from './byte-stream.ts'
import type { UntarOptions } from './tar-guard.ts'
import type { TarEntry } from './untar.ts'

/** A tar as it comes from the engine: its bytes, or what is in it. */
export class TarStream extends ByteStream {
  /**
   * What is in it, streaming; each entry's content is read before the next one is asked for, or skipped. Links out of the
   * archive, absolute names and `..` are errors unless `unsafe: 'skip'`.
   *
   * @throws StreamError `ARCHIVE_UNSAFE`; ProtocolError `PROTOCOL_VIOLATION` for what is no whole tar
   */
  entries(options: UntarOptions = {}): AsyncGenerator<TarEntry, void, undefined> {
    return leavable((left) => entriesOf(leftWith(this, left), options))
  }
}

async function* entriesOf(
  chunks: AsyncIterable<Uint8Array>,
  options: UntarOptions,
): AsyncGenerator<TarEntry, void, undefined> {
  const { untar } = await import('./untar.ts')
  yield* untar(chunks, options)
}
