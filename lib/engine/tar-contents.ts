// The contents of files that are to be packed.
import { isAsyncIterable, release, watched } from '../stream/source.ts'
import type { TarInput } from './tar.ts'

type Files = Iterable<TarInput> | AsyncIterable<TarInput>

/** Watches over the streams among the contents from now on, for they may fail before they are reached. */
export function watchContents(files: Files): void {
  if (Array.isArray(files))
    for (const { content } of files as TarInput[]) if (isAsyncIterable(content)) watched(content)
}

/** Frees the streams among the contents: those that were not reached, and what is left of the last one. */
export function releaseContents(files: Files): void {
  if (Array.isArray(files))
    for (const { content } of files as TarInput[]) if (isAsyncIterable(content)) release(content)
}
