import { isObject, isZero, textAt, objectAt, type JsonObject, type JsonValue } from '../../base/json.ts'

/** True for the inspect of a container of podman, which calls the runtime of all of them so (libpod container_inspect.go). */
export function isOfPodman(raw: JsonObject): boolean {
  return textAt(objectAt(raw, 'HostConfig'), 'Runtime') === 'oci'
}

// libpod define/healthchecks.go; nanoseconds.
const DEFAULTS = { Interval: 30e9, Timeout: 30e9, Retries: 3 } as const

/**
 * A health check as podman runs it: never merged with the image's, with its own defaults for what is left out. Empty for
 * none.
 */
export function podmanHealthcheck(check: JsonValue | undefined): JsonObject {
  if (!isObject(check) || !Array.isArray(check['Test']) || check['Test'].length === 0) return {}
  const given = Object.entries(check).filter(([, value]) => value !== 0 && value !== null)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}

/** True for a setting that podman keeps and its compatible inspect does not show. */
export function isUnseen(member: string, planned: JsonValue, found: JsonValue | undefined): boolean {
  // The mounts themselves are compared.
  if (member === 'Sysctls' || member === 'DeviceCgroupRules' || member === 'Mounts') return isZero(found)
  // podman 4 says so of every container.
  return member === 'IpcMode' && planned !== found && found === 'shareable'
}

/** A list of devices as podman shows it: with no rights. */
export function withoutRights(member: string, value: JsonValue | undefined): JsonValue | undefined {
  if (member !== 'Devices' || !Array.isArray(value)) return value
  return value.map((device) => (isObject(device) ? { ...device, CgroupPermissions: '' } : device))
}
