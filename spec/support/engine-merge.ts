import { isObject, isZero, objectAt, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import type { ImageConfig } from '../../lib/engine/schema/images.ts'

/**
 * What an engine makes of the config of a create request: moby daemon/commit.go `merge` and the end of
 * `mergeAndVerifyConfig`, line by line, to compare the plans with. `undefined` where it says "no command specified".
 */
export function engineMerge(request: JsonObject, image: ImageConfig): JsonObject | undefined {
  const { HostConfig: _, NetworkingConfig: __, ...config } = request
  const merged: JsonObject = { ...config }
  for (const member of ['User', 'WorkingDir', 'StopSignal'] as const) {
    const own = config[member]
    merged[member] = own === undefined || own === '' ? (image[member] ?? '') : own
  }
  for (const member of ['ExposedPorts', 'Volumes'] as const)
    merged[member] = { ...objectAt(config, member), ...(image[member] as JsonObject) }
  merged['Env'] = mergedEnv(texts(config['Env']), image.Env)
  merged['Labels'] = { ...image.Labels, ...objectAt(config, 'Labels') }
  merged['Healthcheck'] = mergedCheck(config['Healthcheck'], image)

  let entrypoint: string[] | null = Array.isArray(config['Entrypoint']) ? texts(config['Entrypoint']) : null
  let cmd = texts(config['Cmd'])
  if ((entrypoint ?? []).length === 0) {
    if (cmd.length === 0) cmd = image.Cmd
    if (entrypoint === null && image.Entrypoint.length > 0) entrypoint = image.Entrypoint
  }
  if (entrypoint?.length === 1 && entrypoint[0] === '') entrypoint = null
  merged['Entrypoint'] = entrypoint
  merged['Cmd'] = cmd.length === 0 ? null : cmd
  return (entrypoint ?? []).length === 0 && cmd.length === 0 ? undefined : merged
}

function mergedEnv(own: readonly string[], inherited: readonly string[]): string[] {
  const env = [...own]
  for (const entry of inherited) {
    if (own.length === 0 || !env.some((other) => keyOf(other) === keyOf(entry))) env.push(entry)
  }
  return env
}

function keyOf(entry: string): string {
  return entry.split('=', 1)[0] as string
}

// A field that is zero is one that is not set, and a check of such fields only is none.
function mergedCheck(own: JsonValue | undefined, image: ImageConfig): JsonValue {
  const merged = Object.fromEntries([...fieldsSet(image.Healthcheck), ...fieldsSet(own)])
  return Object.keys(merged).length === 0 ? null : merged
}

function fieldsSet(check: unknown): [string, JsonValue][] {
  return Object.entries(isObject(check) ? check : {}).filter(([, value]) => !isZero(value))
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
