import { HUB_KEY } from '../../base/registry-auth.ts'

// Docker Hub goes by several names in files; `registry-1.docker.io` is known to podman only.
const HUB_NAMES: readonly string[] = [HUB_KEY, 'index.docker.io', 'docker.io', 'registry-1.docker.io']

/** The registry host as references name it: `docker.io` for every name of Docker Hub. */
export function canonicalRegistry(registry: string): string {
  return HUB_NAMES.includes(registry) ? 'docker.io' : registry
}

/** What a registry is called in credential files and towards helpers, the preferred name first. */
export function registryNames(registry: string): readonly string[] {
  return registry === 'docker.io' ? HUB_NAMES : [registry]
}

/**
 * The entry of a registry: its exact key, else the first key that is its host in an old form (`https://host/v1/`).
 * Docker compares what is left byte by byte (docker/cli file_store.go): neither case nor a default port is folded.
 */
export function findEntry<T>(entries: ReadonlyMap<string, T>, registry: string): readonly [string, T] | undefined {
  const names = registryNames(registry)
  const exact = names.find((name) => entries.has(name))
  if (exact !== undefined) return [exact, entries.get(exact) as T]
  return [...entries].find(([key]) => names.includes(hostOfKey(key)))
}

/** The host in a key: without `http://` or `https://`, without path (docker/cli `ConvertToHostname`). */
export function hostOfKey(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/', 1)[0] as string
}
