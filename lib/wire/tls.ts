import { join } from 'node:path'

import { InputError, messageOf } from '../base/errors.ts'
import type { Env, Files } from '../base/ports.ts'
import { Secret } from '../base/secret.ts'
import type { TlsMaterial } from './endpoint.ts'

/**
 * What `DOCKER_CERT_PATH` and `DOCKER_TLS_VERIFY` say: TLS when one of them is set, with the `ca.pem`, `cert.pem` and
 * `key.pem` of that folder (default the folder of config.json). The engine's certificate is verified in any case.
 *
 * @throws InputError `CONFIG_INVALID`
 */
export async function tlsFromEnv(
  env: Env,
  configDir: string,
  files: Pick<Files, 'readText'>,
): Promise<TlsMaterial | undefined> {
  const folder = env['DOCKER_CERT_PATH'] ?? ''
  if (folder !== '') return (await readTls(folder, 'DOCKER_CERT_PATH', files)) ?? none(folder)
  if ((env['DOCKER_TLS_VERIFY'] ?? '') === '') return undefined
  return (await readTls(configDir, 'DOCKER_TLS_VERIFY', files)) ?? {}
}

/** The material in a folder; undefined when there is none. @throws InputError `CONFIG_INVALID` when half of it is there */
export async function readTls(
  folder: string,
  source: string,
  files: Pick<Files, 'readText'>,
): Promise<TlsMaterial | undefined> {
  const read = async (name: string): Promise<string | undefined> => {
    try {
      return await files.readText(join(folder, name))
    } catch (cause) {
      throw invalid(`cannot read ${name} of ${source}: ${messageOf(cause, 200)}`, cause)
    }
  }
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')])
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ['key.pem', 'cert.pem'] : ['cert.pem', 'key.pem']
    throw invalid(`${folder} (${source}) has ${there} and no ${missing}: both are needed, or none`)
  }
  if (ca === undefined && cert === undefined) return undefined
  return { ca, cert, key: key === undefined ? undefined : new Secret(key) }
}

function none(folder: string): never {
  throw invalid(`DOCKER_CERT_PATH is ${folder}, which has no ca.pem, cert.pem or key.pem`)
}

function invalid(message: string, cause?: unknown): InputError {
  return new InputError('CONFIG_INVALID', message, { cause })
}
