import { posix } from 'node:path'

import { InputError } from '../base/errors.ts'

/** What the agent may do with the mounted directory; `""` is read and write when there is one. */
export type Access = '' | 'none' | 'read_only' | 'read_write'

const ACCESSES: ReadonlySet<string> = new Set(['', 'none', 'read_only', 'read_write'])

/** @throws InputError `INPUT_INVALID` for an unknown access, a relative path, or an access to a directory that is not named */
export function checkAccess(access: string = '', path: string = ''): asserts access is Access {
  const fail = (rule: string) => new InputError('INPUT_INVALID', `workspace access ${JSON.stringify(access)}: ${rule}`)
  if (!ACCESSES.has(access)) throw fail('it is none, read_only or read_write')
  if (path !== '' && !posix.isAbsolute(path)) throw fail(`the path ${JSON.stringify(path)} is not absolute`)
  if (access.startsWith('read_') && path === '') throw fail('it needs a path')
}

/** Where access and path come from: what was asked for, else what is on file, else the platform's `WORKSPACE_DIR`. */
export function chooseAccess(
  asked: { readonly path?: string | undefined; readonly access?: string | undefined },
  onFile: { readonly path?: string | undefined; readonly access?: string | undefined },
  defaultPath: string | undefined,
): { readonly path: string; readonly access: string } {
  return {
    path: asked.path || onFile.path || defaultPath || '',
    access: asked.access || onFile.access || 'none',
  }
}
