import { InputError, printable } from '../base/errors.ts'
import { normalisePlatform, type Platform } from '../base/platform.ts'

export { normalisePlatform, type Platform } from '../base/platform.ts'

/** Reads `os/arch[/variant]`. @throws InputError `INPUT_INVALID` */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant = '', ...more] = text.split('/')
  if (more.length > 0 || ![os, architecture].every((part) => /^[\w.-]+$/.test(part)) || !/^[\w.-]*$/.test(variant))
    throw new InputError(
      'INPUT_INVALID',
      `not a platform: ${JSON.stringify(printable(text, 60))}: write os/arch[/variant]`,
    )
  return normalisePlatform(os, architecture, variant)
}

/**
 * How well something built for `offered` runs on `wanted`: 0 not at all; the higher the better. A later processor runs
 * what an earlier variant was built for.
 */
export function fitness(offered: Platform, wanted: Platform): number {
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return 0
  if (offered.variant === wanted.variant) return Number.MAX_SAFE_INTEGER
  const [has, needs] = [level(wanted), level(offered)]
  return has > 0 && needs > 0 && needs <= has ? needs : 0
}

// What processors run besides their own kind: containerd's `platforms.Only` offers these to an engine as well.
const AKIN: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' }

/**
 * True where an engine of the platform may run it, whatever the variants: an engine looks at its processor, of which its
 * API names no variant.
 */
export function isAkin(offered: Platform, wanted: Platform): boolean {
  const { os, architecture } = offered
  return os === wanted.os && (architecture === wanted.architecture || architecture === AKIN[wanted.architecture])
}

function level({ variant }: Platform): number {
  return /^v\d+(?:\.\d+)?$/.test(variant) ? Number(variant.slice(1)) : 0
}
