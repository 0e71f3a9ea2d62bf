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

// The kernel's names, as dockerd gives them, for what images call otherwise; podman gives Go's names.
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  i386: '386',
  i686: '386',
  loongarch64: 'loong64',
  armv6l: 'arm/v6',
  armv7l: 'arm/v7',
  armv8l: 'arm/v7',
}

/** Platform of an engine as images name it, `os/arch[/variant]`; `undefined` when it does not tell. */
export function enginePlatform({
  OSType,
  Architecture,
}: Pick<SystemInfo, 'OSType' | 'Architecture'>): string | undefined {
  if (OSType === '' || Architecture === '') return undefined
  return `${OSType}/${KERNEL_NAMES[Architecture] ?? Architecture}`
}

/**
 * Why it cannot be told whether an engine takes an index. They differ: of an index for linux/386, for amd64/v2, without
 * platforms, or inside of another, dockerd 28.5 on amd64 takes all, its containerd store all but amd64/v2, podman 5.8 only
 * the one without platforms, and dockerd 20.10 none.
 *
 * @param offered the platforms that the index names
 */
export function unfitReason(offered: readonly string[], platform: string | undefined): string {
  const names = offered.join(', ') || 'no platform at all'
  return `its index has nothing for ${platform ?? 'the engine'}, but names ${names}: the engine decides when it pulls`
}
