import { posix } from 'node:path'

import type { TarHeader } from 'modern-tar'

import { StreamError, printable } from '../base/errors.ts'

export interface UntarOptions {
  /** `contained` (default) takes links that stay inside of the archive, `refuse` takes none. */
  readonly links?: 'contained' | 'refuse' | undefined
  /** What to do with what is refused: end with an error (default), or leave it out. */
  readonly unsafe?: 'throw' | 'skip' | undefined
}

type GuardOptions = Omit<UntarOptions, 'links'> & { readonly links?: UntarOptions['links'] | 'any' }

/**
 * Judges the entries of one archive. Besides names and targets it minds the way: behind a link `a` to another directory,
 * a name `a/b` is somewhere else than it says, and so would be a link of that name.
 */
export class TarGuard {
  readonly #links = new Set<string>()
  readonly #options: GuardOptions

  constructor(options: GuardOptions = {}) {
    this.#options = options
  }

  /** False for what is to be left out. @throws StreamError `ARCHIVE_UNSAFE` */
  admits(header: TarHeader): boolean {
    const rule = this.#broken(header)
    if (rule === undefined) return true
    if (this.#options.unsafe === 'skip') return false
    throw unsafe(header.name, rule)
  }

  /** @throws StreamError `ARCHIVE_UNSAFE` */
  check(header: TarHeader): void {
    const rule = this.#broken(header)
    if (rule !== undefined) throw unsafe(header.name, rule)
  }

  #broken(header: TarHeader): string | undefined {
    const rule = brokenName(header.name)
    if (rule !== undefined) return rule
    if (this.#options.links === 'any' && header.type === 'symlink') return undefined
    const name = normalName(header.name)
    if (this.#passesLink(name)) return 'its way leads through a link'
    switch (header.type) {
      case 'symlink':
      case 'link':
        return this.#brokenLink(name, header)
      case 'file':
      case 'directory':
      case undefined:
        return undefined
      default:
        return `it is a ${header.type}`
    }
  }

  #brokenLink(name: string, { type, linkname = '' }: TarHeader): string | undefined {
    if (this.#options.links === 'refuse') return 'it is a link'
    // A symbolic link counts from its own directory, a hard link from the root of the archive.
    const target = type === 'symlink' ? posix.join(posix.dirname(name), linkname) : linkname
    if (linkname === '' || posix.isAbsolute(linkname) || brokenName(target) !== undefined)
      return 'it links out of the archive'
    // Behind a link `..` leads to the parent of what that points to, which is not what the text says.
    if (/[^./][^/]*\/\.\.(?:\/|$)/.test(linkname)) return 'it links upwards behind a name'
    if (type === 'link' && this.#passesLink(normalName(target))) return 'it links through a link'
    if (type === 'symlink') this.#links.add(name)
    return undefined
  }

  #passesLink(name: string): boolean {
    for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      if (this.#links.has(name.slice(0, slash))) return true
    }
    return false
  }
}

/** The name as it is used: without `./` and trailing slash. @throws StreamError `ARCHIVE_UNSAFE` */
export function checkName(name: string): string {
  const rule = brokenName(name)
  if (rule !== undefined) throw unsafe(name, rule)
  return normalName(name)
}

function normalName(name: string): string {
  return posix.normalize(name).replace(/\/$/, '')
}

function brokenName(name: string): string | undefined {
  if (name === '') return 'its name is empty'
  if (name.includes('\0')) return 'its name holds a NUL'
  if (posix.isAbsolute(name) || /^[A-Za-z]:|\\/.test(name)) return 'its name is absolute, or holds a backslash or drive'
  if (name.split('/').includes('..') || posix.normalize(name).startsWith('..')) return 'its name leads upwards'
  return undefined
}

function unsafe(name: string, rule: string): StreamError {
  return new StreamError('ARCHIVE_UNSAFE', `unsafe entry ${JSON.stringify(printable(name, 120))} of a tar: ${rule}`)
}
