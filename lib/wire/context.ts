import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { InputError, messageOf, printable } from '../base/errors.ts'
import { isObject, objectAt, parseJson, type JsonObject } from '../base/json.ts'
import type { Files } from '../base/ports.ts'
import type { Endpoint } from './endpoint.ts'
import { parseHost } from './host.ts'
import { readTls } from './tls.ts'

type Reading = Pick<Files, 'readText'>

/** `currentContext` of config.json. @throws InputError `CONFIG_INVALID` when the file is there and cannot be read */
export async function currentContext(configDir: string, files: Reading): Promise<string | undefined> {
  const path = join(configDir, 'config.json')
  const name = (await readObject(path, files))?.['currentContext']
  return typeof name === 'string' ? name : undefined
}

/**
 * The engine of a docker context: `contexts/meta/<sha256 of the name>/meta.json`, with TLS material in
 * `contexts/tls/<the same>/docker/` (docker/cli cli/context/store).
 *
 * @param source what named the context
 * @throws InputError `CONFIG_INVALID`
 */
export async function readContext(name: string, source: string, configDir: string, files: Reading): Promise<Endpoint> {
  const what = `the context ${JSON.stringify(printable(name, 100))} (${source})`
  const id = createHash('sha256').update(name).digest('hex')
  const meta = await readObject(join(configDir, 'contexts', 'meta', id, 'meta.json'), files)
  if (meta === undefined) {
    const cure = 'see "docker context ls", or name an engine with --host or DOCKER_HOST'
    throw new InputError('CONFIG_INVALID', `${what} is not in ${join(configDir, 'contexts')}: ${cure}`)
  }
  const engine = objectAt(objectAt(meta, 'Endpoints'), 'docker')
  const host = engine['Host']
  if (typeof host !== 'string' || host === '')
    throw new InputError('CONFIG_INVALID', `${what} has no docker endpoint: recreate it with "docker context create"`)
  const tls = await readTls(join(configDir, 'contexts', 'tls', id, 'docker'), what, files)
  if (engine['SkipTLSVerify'] === true) return parseHost(host, what, { ...tls, verify: false })
  return parseHost(host, what, tls)
}

async function readObject(path: string, files: Reading): Promise<JsonObject | undefined> {
  try {
    const text = await files.readText(path)
    if (text === undefined) return undefined
    const value = parseJson(text)
    if (isObject(value)) return value
    throw new TypeError('it is not a JSON object')
  } catch (cause) {
    // The parser's own words would quote the file, which may hold credentials.
    const why = cause instanceof SyntaxError ? 'it is not JSON' : messageOf(cause, 200)
    throw new InputError('CONFIG_INVALID', `cannot read ${path}: ${why}`)
  }
}
