import { execFile } from 'node:child_process'

import { CredentialError, type ErrorDetails } from '../../base/errors.ts'
import type { Clock, Env } from '../../base/ports.ts'
import type { RegistryAuth } from '../../base/registry-auth.ts'
import { Secret } from '../../base/secret.ts'
import { parseObject } from './config-file.ts'

/** How a helper program ended. Its output may hold a secret and is never shown. */
export interface HelperExit {
  /** `undefined` when it did not start, was killed, or said too much; then `failure` tells. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly failure?: string | undefined
}

/** Runs `docker-credential-<suffix> get` with `input` on its standard input. */
export type HelperRunner = (suffix: string, input: string) => Promise<HelperExit>

const SUFFIX = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
// docker-credential-helpers credentials/error.go: errors come on stdout, with exit status 1.
const NOT_FOUND = 'credentials not found in native keychain'
const WAY_OUT =
  'Mend it, or take it out of "credsStore" and "credHelpers" in the config.json of docker and log in anew.'
const IDENTITY_USER = '<token>'
const TIMEOUT = 10_000
// Less than the shortest interval between two polls, 30 s.
const POLL = 20_000
const MAX_STDOUT_BYTES = 64 << 10

// Our own secrets. Which other variables a helper needs only its author knows.
const OWN_SECRETS =
  /^(?:DOCKLINE_.*|(?:CP_)?ADMIN_(?:API_)?TOKEN(?:_FILE)?|GHCR_(?:USER|TOKEN)(?:_FILE)?|DOCKER_AUTH_CONFIG|DATABASE_URL|(?:MOLECULE_CP|PROVISION)_SHARED_SECRET|SECRETS_ENCRYPTION_KEY|TEMPLATE_DISPATCH_TOKEN)$/

/**
 * Asks a credential helper for the login of a server; `undefined` when it has none.
 *
 * @throws CredentialError `CREDENTIAL_HELPER_FAILED`: whatever else happens is an error, so that a broken helper never
 * leads to another credential or to none (CVE-2021-41092)
 */
export async function askHelper(suffix: string, server: string, run: HelperRunner): Promise<RegistryAuth | undefined> {
  if (!SUFFIX.test(suffix)) throw failed('', 'its name has other characters than letters, digits, ".", "_" and "-"')
  // The helper reads one line: what follows a line break would change the server it looks up.
  if (!/^[\x21-\x7e]+$/.test(server)) throw failed(suffix, 'the registry name has characters that cannot be passed on')
  const { exitCode, stdout, failure } = await run(suffix, server)
  if (failure !== undefined) throw failed(suffix, failure)
  if (exitCode !== 0) {
    if (stdout.trim() === NOT_FOUND) return undefined
    throw failed(suffix, `it ended with status ${exitCode}; ask it yourself: echo ${server} | ${program(suffix)} get`)
  }
  const answer = parseObject(stdout)
  const [user, secret] = [answer?.['Username'], answer?.['Secret']]
  if (typeof user !== 'string' || typeof secret !== 'string')
    throw failed(suffix, 'its answer is not the JSON of the helper protocol')
  if (user === '' && secret === '') return undefined
  if (user === '' || secret === '') throw failed(suffix, `its answer has no ${user === '' ? 'user name' : 'secret'}`)
  return user === IDENTITY_USER
    ? { identitytoken: new Secret(secret) }
    : { username: user, password: new Secret(secret) }
}

/** Runs helpers as programs of the machine: no shell, one argument, the environment without our own secrets, 10 s, 64 KiB. */
export function systemHelpers(env: Env, timeout: number = TIMEOUT): HelperRunner {
  return (suffix, input) =>
    new Promise((resolve) => {
      const childEnv = Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_SECRETS.test(name)))
      const child = execFile(
        program(suffix),
        ['get'],
        { env: childEnv, timeout, killSignal: 'SIGKILL', maxBuffer: MAX_STDOUT_BYTES, windowsHide: true, shell: false },
        (error, stdout) => resolve(exitOf(error, stdout, timeout)),
      )
      child.stdin?.on('error', () => {}) // it may end without reading
      child.stdin?.end(input)
    })
}

/**
 * Runs a helper once for each server and poll, however many ask, failures included: what it gives may expire (ECR: 12 h),
 * so it is never kept from one poll to the next, and a helper that hangs holds a poll up once and not for every image.
 */
export function forOnePoll(run: HelperRunner, clock: Pick<Clock, 'monotonic'>): HelperRunner {
  const recent = new Map<string, { at: number; exit: Promise<HelperExit> }>()
  return (suffix, input) => {
    const key = `${suffix} ${input}`
    const known = recent.get(key)
    if (known !== undefined && clock.monotonic() - known.at < POLL) return known.exit
    const exit = run(suffix, input)
    recent.set(key, { at: clock.monotonic(), exit })
    return exit
  }
}

function exitOf(error: Error | null, stdout: string, timeout: number): HelperExit {
  const { code, killed } = (error ?? {}) as { code?: number | string | null; killed?: boolean }
  if (error === null) return { exitCode: 0, stdout }
  if (typeof code === 'number') return { exitCode: code, stdout }
  return { exitCode: undefined, stdout: '', failure: failureOf(code, killed === true, timeout) }
}

function failureOf(code: string | null | undefined, killed: boolean, timeout: number): string {
  if (code === 'ENOENT') return 'there is no such program on PATH'
  if (code === 'EACCES') return 'it is not executable'
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `it wrote more than ${MAX_STDOUT_BYTES} bytes`
  return killed ? `it gave no answer within ${timeout} ms` : `it did not run (${code ?? 'killed'})`
}

function program(suffix: string): string {
  return `docker-credential-${suffix}`
}

function failed(suffix: string, reason: string): CredentialError {
  const details: ErrorDetails = { facts: { helper: suffix } }
  return new CredentialError(
    'CREDENTIAL_HELPER_FAILED',
    `credential helper ${program(suffix)}: ${reason}. ${WAY_OUT}`,
    details,
  )
}
