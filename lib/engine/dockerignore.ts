// What a .dockerignore leaves out, by the rules of Moby: the last pattern that fits decides.

/** Judges the paths of one context. */
export interface IgnoreRules {
  /** Whether a path, relative and with slashes, is left out. */
  ignores(path: string): boolean
  /** Whether something below a directory that is left out may be in, which takes an exception that begins with its path. */
  hasExceptionsBelow(directory: string): boolean
}

/**
 * Reads a .dockerignore. The Dockerfile and the .dockerignore itself are always in, for the engine needs them; it leaves
 * them out of what steps see, where the patterns say so.
 */
export async function ignoreRules(text: string, dockerfile: string): Promise<IgnoreRules> {
  const { default: dockerignore } = await import('@balena/dockerignore')
  const patterns = patternsOf(text)
  const rules = dockerignore.default({ ignorecase: false }).add(patterns)
  for (const name of ['.dockerignore', dockerfile]) {
    if (!rules.ignores(name)) continue
    rules.add(`!${name}`)
    patterns.push(`!${name}`)
  }
  const exceptions = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => `${cleaned(pattern.slice(1))}/`)
  return {
    ignores: (path) => rules.ignores(path),
    hasExceptionsBelow: (directory) => exceptions.some((exception) => exception.startsWith(`${directory}/`)),
  }
}

// A byte order mark, comments, blank lines (moby builder/dockerignore).
function patternsOf(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function cleaned(pattern: string): string {
  return pattern
    .trim()
    .replace(/\/{2,}/g, '/')
    .replace(/^\.?\/|\/$/g, '')
}
