import { posix } from 'node:path'

import { InputError, StreamError } from '../base/errors.ts'
import type { CallOptions } from '../wire/call.ts'
import { DEFAULT_MAX_BYTES, type ReadLimit } from './byte-stream.ts'
import { ContainerIo } from './container-io.ts'
import { unpacking, type PutArchiveOptions } from './put-archive.ts'
import { folderBytes } from './tar-body.ts'
import type { TarInput } from './tar.ts'

export interface PutFileOptions extends Pick<TarInput, 'mode' | 'uid' | 'gid' | 'mtime'> {
  /** Where it goes, with its name, in a directory that is there. */
  readonly path: string
  /** Bytes; needed when the content is a stream, and then exact. */
  readonly size?: number | undefined
}

export interface GetFileOptions extends ReadLimit {
  readonly path: string
}

// As many links one behind the other as Linux follows are more than anybody makes.
const MOST_LINKS = 10

/** Single files and whole folders, into a container and out of it. */
export class ContainerFiles extends ContainerIo {
  /**
   * A file of a container, whole; links are followed.
   *
   * @throws ApiError `NOT_FOUND`; InputError `INPUT_INVALID` for a directory; StreamError `TOO_LARGE` above `maxBytes`,
   *   default 16 MiB
   */
  async getFile(
    id: string,
    { path, maxBytes = DEFAULT_MAX_BYTES }: GetFileOptions,
    call?: CallOptions,
  ): Promise<Uint8Array> {
    let place = path
    for (let links = 0; links <= MOST_LINKS; links++) {
      for await (const entry of this.archive(id, { path: place }, call).entries({ unsafe: 'skip' })) {
        if (entry.type === 'file') return await entry.content.bytes({ maxBytes })
        if (entry.type === 'directory') throw new InputError('INPUT_INVALID', `${place} is a directory: use archive()`)
        break
      }
      // Of a link the engine tells where it leads to in the end; the archive of one that leads upwards is left out above.
      const { linkTarget } = await this.archiveInfo(id, { path: place }, call)
      if (linkTarget === '') break
      place = posix.resolve(posix.dirname(place), linkTarget)
    }
    throw new StreamError('STREAM_FAILED', `${path} leads to no file that can be read`)
  }

  /** Writes a file, and replaces one that is there. @throws ApiError `NOT_FOUND` without its directory */
  async putFile(
    id: string,
    { path, ...attributes }: PutFileOptions,
    content: NonNullable<TarInput['content']>,
    call?: CallOptions,
  ): Promise<void> {
    const name = posix.basename(path)
    if (typeof path !== 'string' || name === '' || path.endsWith('/'))
      throw new InputError('INPUT_INVALID', 'the option "path" names no file: give its whole path, with the name')
    const owned = attributes.uid !== undefined || attributes.gid !== undefined
    const options = { path: posix.dirname(path), copyUIDGID: owned ? true : undefined }
    await this.putArchive(id, options, [{ ...attributes, name, content }], call)
  }

  /**
   * Puts what is in a folder of this machine into a directory of a container: links as links, modes and times as they are,
   * owners with `copyUIDGID` only. Nothing above the folder is read.
   *
   * @throws InputError `INPUT_INVALID` for what cannot be read or packed
   */
  async putFolder(id: string, options: PutArchiveOptions, folder: string, call?: CallOptions): Promise<void> {
    await this.wire.none(unpacking(id, options, folderBytes({ folder, owners: options.copyUIDGID }), call))
  }
}
