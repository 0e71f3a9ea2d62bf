import type { Env } from '../base/ports.ts'
import type { SystemInfo } from '../engine/schema/system-info.ts'

/** The machine that asks, as `process.platform` and `process.arch` tell. */
export interface Host {
  readonly platform: string
  readonly arch: string
}

/**
 * Platform of the workspace images: `MOLECULE_IMAGE_PLATFORM` when it is set, where empty means the engine's own; else
 * amd64 on Apple Silicon, for they are published for amd64 alone; else the engine's own.
 */
export function workspacePlatform(env: Env, host: Host): string | undefined {
  const configured = env['MOLECULE_IMAGE_PLATFORM']
  if (configured !== undefined) return configured.trim() === '' ? undefined : configured.trim()
  return host.platform === 'darwin' && host.arch === 'arm64' ? 'linux/amd64' : undefined
}

// The kernel's names for what images call arm/v6 and arm/v7.
const KERNEL_NAMES: Readonly<Record<string, string>> = { armv6l: 'arm/v6', armv7l: 'arm/v7', armv8l: 'arm/v7' }

/** Platform of an engine as `os/arch[/variant]`, `undefined` when it does not tell. */
export function enginePlatform({
  OSType,
  Architecture,
}: Pick<SystemInfo, 'OSType' | 'Architecture'>): string | undefined {
  if (OSType === '' || Architecture === '') return undefined
  return `${OSType}/${KERNEL_NAMES[Architecture] ?? Architecture}`
}
