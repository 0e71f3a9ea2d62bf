import type { Env } from '../../base/ports.ts'
import { ociPlatform, type OciPlatform } from '../../engine/platform.ts'
import { workspacePlatform, type Host } from '../../refresh/platform.ts'
import type { WorkspaceEngine } from './context.ts'

/**
 * Platform of workspace images on this engine: as the refresh chooses it, by the machine behind the engine as well. A
 * platform in a Linux container of a Mac sees Linux; its engine's virtual machine tells better.
 */
export async function enginePlatform(
  engine: Pick<WorkspaceEngine, 'info'>,
  env: Env,
  host: Host,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const own = workspacePlatform(env, host)
  if (env['MOLECULE_IMAGE_PLATFORM'] !== undefined || own !== undefined) return knownPlatform(own)
  return workspacePlatform(env, hostBehind(await engine.info({ signal })))
}

/** The machine on which an engine runs: a Mac, where its system is the virtual machine of one. */
export function hostBehind(info: {
  readonly OSType: string
  readonly Architecture: string
  readonly OperatingSystem: string
  readonly KernelVersion?: string | undefined
}): Host {
  const onMac =
    /docker desktop|orbstack/i.test(info.OperatingSystem) || /linuxkit|orbstack/.test(info.KernelVersion ?? '')
  const arch = { aarch64: 'arm64', arm64: 'arm64', x86_64: 'x64' }[info.Architecture] ?? info.Architecture
  return { platform: onMac ? 'darwin' : info.OSType, arch }
}

/** A platform as its parts; `undefined`, no preference, for what is no `os/arch[/variant]`. */
export function parsePlatform(text: string): OciPlatform | undefined {
  try {
    return ociPlatform(text)
  } catch {
    return undefined
  }
}

function knownPlatform(text: string | undefined): string | undefined {
  return text === undefined || parsePlatform(text) === undefined ? undefined : text
}
