// One way of writing a platform.
/** An operating system and processor, normalised the way containerd does (platforms/database.go). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant: string
}

const ARCHITECTURES: Readonly<Record<string, readonly [string, string?]>> = {
  i386: ['386'],
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
}
const DEFAULT_VARIANTS: Readonly<Record<string, string>> = { amd64: 'v1', arm: 'v7', arm64: 'v8' }

/** One platform in one way of writing it: `x86_64` is `amd64`, `arm64` without variant is `v8`. */
export function normalisePlatform(os: string, architecture: string, variant: string): Platform {
  const lower = architecture.toLowerCase()
  const [name, implied] = Object.hasOwn(ARCHITECTURES, lower) ? (ARCHITECTURES[lower] ?? [lower]) : [lower]
  const own = variant === '' ? (implied ?? DEFAULT_VARIANTS[name] ?? '') : variant.toLowerCase()
  return { os: os === 'macos' ? 'darwin' : os.toLowerCase(), architecture: name, variant: own.replace(/^(\d)/, 'v$1') }
}
