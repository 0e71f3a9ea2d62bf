import * as z from 'zod/mini'

/** The query of `POST /admin/workspace-images/refresh`, every member as it was meant. */
export interface RefreshQuery {
  /** Label of one target; `undefined` means all of them. */
  readonly runtime: string | undefined
  /** False pulls only. */
  readonly recreate: boolean
  /** False asks no registry: what is on the engine counts. */
  readonly pull: boolean
  /** Says what would be done and changes nothing. */
  readonly dryRun: boolean
  /** `undefined` is what the service was set up with. */
  readonly strategy: 'replace' | 'remove' | undefined
  /** Tries images again that were rolled back before. */
  readonly retry: boolean
  /** False answers 202 at once, with the id of the job. */
  readonly wait: boolean
  /** Waits for the refresh that runs already instead of being refused. */
  readonly join: boolean
}

// `TRUE`, `1` and `yes` are refused and not guessed: whoever writes one means the opposite of what silence would make of it.
const flag: z.ZodMiniType<'true' | 'false'> = z.enum(['true', 'false'], 'write true or false')

/** As it stands in the URL: texts, all optional. */
export interface RefreshParameters {
  runtime?: string | undefined
  pull?: 'true' | 'false' | undefined
  recreate?: 'true' | 'false' | undefined
  dryRun?: 'true' | 'false' | undefined
  strategy?: 'replace' | 'remove' | undefined
  retry?: 'true' | 'false' | undefined
  wait?: 'true' | 'false' | undefined
  join?: 'true' | 'false' | undefined
}

/** An unknown name is refused, for `dryrun=true` is no dry run. */
export const refreshParameters: z.ZodMiniType<RefreshParameters> = z.strictObject({
  runtime: described(z.string(), 'One of the known runtimes; absent or empty means all of them.'),
  pull: described(flag, 'Default true; false asks no registry and moves containers to what is on the engine.'),
  recreate: described(flag, 'Default true; false pulls only.'),
  dryRun: described(flag, 'Default false; true says what would be done and changes nothing.'),
  strategy: described(
    z.enum(['replace', 'remove'], 'write replace or remove'),
    'How containers are moved; default what the service was set up with.',
  ),
  retry: described(flag, 'Default false; true tries images again that were rolled back before.'),
  wait: described(flag, 'Default true; false answers 202 at once.'),
  join: described(flag, 'Default false; true waits for the refresh that runs already instead of answering 409.'),
})

function described<T extends z.ZodMiniType>(type: T, text: string): z.ZodMiniOptional<T> {
  return z.optional(type).check(z.describe(text))
}

/** What is wrong with a query, in words. */
export interface QueryProblem {
  readonly problem: string
}

/**
 * Reads the query of a refresh. `runtime` must be one of `known`, by identity of text: nothing is looked up in an object,
 * so `__proto__` is as unknown as anything else.
 */
export function readRefreshQuery(search: URLSearchParams, known: readonly string[]): RefreshQuery | QueryProblem {
  const repeated = [...new Set(search.keys())].find((name) => search.getAll(name).length > 1)
  if (repeated !== undefined) return { problem: `${quote(repeated)} is given more than once` }
  const read = refreshParameters.safeParse(Object.fromEntries(search))
  if (!read.success) return { problem: read.error.issues.map(words).join('; ') }
  const { runtime, pull, recreate, dryRun, strategy, retry, wait, join } = read.data
  if (runtime !== undefined && runtime !== '' && !known.includes(runtime))
    return { problem: `unknown runtime: ${quote(runtime)}` }
  return {
    runtime: runtime === '' ? undefined : runtime,
    pull: pull !== 'false',
    recreate: recreate !== 'false',
    dryRun: dryRun === 'true',
    strategy,
    retry: retry === 'true',
    wait: wait !== 'false',
    join: join === 'true',
  }
}

function words(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown parameter: ${issue.keys.map(quote).join(', ')}`
  return `${issue.path.join('.')}: ${issue.message}`
}

// An unknown name comes from outside: shown short, and as JSON, so that it stays one line.
function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text)
}
