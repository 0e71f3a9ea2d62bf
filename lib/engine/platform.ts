import { InputError } from '../base/errors.ts'
import { normalisePlatform } from '../base/platform.ts'

/**
 * An image's platform as text, `os/arch[/variant]`: `linux/arm64`, `linux/arm/v7`. Some operations of the API want the
 * text and others JSON; here it is always the text.
 */
export type Platform = string

/** A platform as JSON, as the OCI writes it. */
export interface OciPlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

// Variants that containerd leaves out (platforms/database.go).
const USUAL: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8' }

/**
 * Reads a platform as the docker CLI does: `linux/x86_64` and `Linux/AMD64` are `linux/amd64`.
 *
 * @throws InputError `INPUT_INVALID` for another form than `os/arch[/variant]`
 */
export function ociPlatform(platform: Platform): OciPlatform {
  const parts = typeof platform === 'string' ? platform.split('/') : []
  const [os, architecture, variant, ...more] = parts
  if (!os || !architecture || variant === '' || more.length > 0)
    throw new InputError(
      'INPUT_INVALID',
      `the platform is ${JSON.stringify(platform)}: write it as os/arch or os/arch/variant`,
    )
  return leaner(normalisePlatform(os, architecture, variant ?? ''))
}

function leaner({ os, architecture, variant }: ReturnType<typeof normalisePlatform>): OciPlatform {
  return variant === '' || USUAL[architecture] === variant ? { os, architecture } : { os, architecture, variant }
}

/** The same as text, in the one way that every engine reads. */
export function platformText(platform: Platform): string {
  const { os, architecture, variant } = ociPlatform(platform)
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`
}

/** The same for an option: one, several, or none. */
export function ociPlatforms(platforms: Platform | readonly Platform[] | undefined): OciPlatform[] | undefined {
  if (platforms === undefined) return undefined
  return (typeof platforms === 'string' ? [platforms] : platforms).map(ociPlatform)
}
