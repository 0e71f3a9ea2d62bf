import { messageOf } from '../base/errors.ts'
import type { Env, Files } from '../base/ports.ts'
import { Secret } from '../base/secret.ts'

export type SecretFiles = Pick<Files, 'readText'>

const MAX_SECRET_BYTES = 4 << 10

/** A secret from a variable, from the file that `VARIABLE_FILE` names, or from `path`; white space around is dropped. */
export async function readSecret(
  { variable, path }: { readonly variable: string; readonly path?: string | undefined },
  env: Env,
  files: SecretFiles,
  problems: string[],
): Promise<Secret | undefined> {
  const inline = env[variable] ?? ''
  const named = path ?? (env[`${variable}_FILE`] ?? '').trim()
  if (named === '') return inline.trim() === '' ? undefined : new Secret(inline.trim())
  if (inline.trim() !== '' && path === undefined) {
    problems.push(`set ${variable} or ${variable}_FILE, not both`)
    return undefined
  }
  return readFromFile(`${variable}_FILE`, named, files, problems)
}

/** A secret from a file; `what` names the setting in a message, which never has anything of the content. */
export async function readFromFile(
  what: string,
  path: string,
  files: SecretFiles,
  problems: string[],
): Promise<Secret | undefined> {
  try {
    const text = (await files.readText(path, MAX_SECRET_BYTES))?.trim()
    if (text === undefined) problems.push(`${what}: ${path} is not there`)
    else if (text === '') problems.push(`${what}: ${path} is empty`)
    else return new Secret(text)
  } catch (error) {
    problems.push(`${what}: ${messageOf(error, 200)}`)
  }
  return undefined
}

/** `name=path` pairs. */
export function namedPaths(
  flag: string,
  written: readonly string[],
  problems: string[],
): [name: string, path: string][] {
  return written.flatMap((text) => {
    const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? []
    if (name !== undefined && path !== undefined) return [[name, path] as [string, string]]
    problems.push(`${flag} ${JSON.stringify(text)}: write NAME=PATH`)
    return []
  })
}
