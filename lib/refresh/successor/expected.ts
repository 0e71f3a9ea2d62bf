import { isObject, isZero, objectAt, type JsonObject, type JsonValue } from '../../base/json.ts'
import type { ImageConfig } from '../../engine/schema/images.ts'
import { podmanHealthcheck } from './podman.ts'

/**
 * What an inspect must show of a create body on an image: the merge that the engine does (moby daemon/commit.go `merge`),
 * done once more to check it.
 */
export function expectedConfig(body: JsonObject, image: ImageConfig, podman = false): JsonObject {
  const { HostConfig: _, NetworkingConfig: __, ...config } = body
  return {
    ...config,
    ...mergedProgram(config, image),
    Env: mergedEnv(config['Env'], image.Env),
    Labels: { ...image.Labels, ...objectAt(config, 'Labels') },
    ExposedPorts: { ...image.ExposedPorts, ...objectAt(config, 'ExposedPorts') } as JsonObject,
    Volumes: { ...image.Volumes, ...objectAt(config, 'Volumes') } as JsonObject,
    User: or(config['User'], image.User),
    WorkingDir: or(config['WorkingDir'], image.WorkingDir),
    StopSignal: or(config['StopSignal'], image.StopSignal),
    Healthcheck: podman
      ? podmanHealthcheck(config['Healthcheck'] ?? (image.Healthcheck as JsonObject | undefined))
      : mergedHealthcheck(config['Healthcheck'], image),
  }
}

function or(own: JsonValue | undefined, inherited: JsonValue | undefined): JsonValue {
  return (isZero(own) ? inherited : own) ?? null
}

function mergedProgram({ Entrypoint, Cmd }: JsonObject, image: ImageConfig): JsonObject {
  if (isReset(Entrypoint)) return { Entrypoint: null, Cmd: Cmd ?? null }
  if (Array.isArray(Entrypoint) && Entrypoint.length > 0) return { Entrypoint, Cmd: Cmd ?? null }
  return { Entrypoint: Entrypoint ?? image.Entrypoint, Cmd: or(Cmd, image.Cmd) }
}

/** True for an entrypoint that switches off the image's: moby shows it as null, podman as it is. */
export function isReset(entrypoint: JsonValue | undefined): boolean {
  return Array.isArray(entrypoint) && entrypoint.length === 1 && entrypoint[0] === ''
}

function mergedEnv(own: JsonValue | undefined, inherited: readonly string[]): JsonValue[] {
  const entries = Array.isArray(own) ? own.filter((entry) => typeof entry === 'string') : []
  const keys = new Set(entries.map((entry) => envKey(entry)))
  return [...entries, ...inherited.filter((entry) => !keys.has(envKey(entry)))]
}

function envKey(entry: string): string {
  return entry.split('=', 1)[0] as string
}

function mergedHealthcheck(own: JsonValue | undefined, image: ImageConfig): JsonValue {
  const inherited = (image.Healthcheck ?? {}) as JsonObject
  if (!isObject(own)) return inherited
  return { ...inherited, ...Object.fromEntries(Object.entries(own).filter(([, value]) => !isZero(value))) }
}
