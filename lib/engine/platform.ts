import { InputError } from '../base/errors.ts'

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

/** @throws InputError `INPUT_INVALID` for another form than `os/arch[/variant]` */
export function ociPlatform(platform: Platform): OciPlatform {
  const [os, architecture, variant, ...more] = typeof platform === 'string' ? platform.split('/') : []
  if (!os || !architecture || variant === '' || more.length > 0)
    throw new InputError(
      'INPUT_INVALID',
      `the platform is ${JSON.stringify(platform)}: write it as os/arch or os/arch/variant`,
    )
  return variant === undefined ? { os, architecture } : { os, architecture, variant }
}

/** The same for an option: one, several, or none. */
export function ociPlatforms(platforms: Platform | readonly Platform[] | undefined): OciPlatform[] | undefined {
  if (platforms === undefined) return undefined
  return (typeof platforms === 'string' ? [platforms] : platforms).map(ociPlatform)
}
