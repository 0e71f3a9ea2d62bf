import { messageOf, isDockerError, type DockerError } from '../../lib/base/errors.ts'
import type { Clock, Random } from '../../lib/base/ports.ts'
import { parseReference } from '../../lib/base/reference.ts'
import type { RegistryAuth } from '../../lib/base/registry-auth.ts'
import { createRegistryClient, type RegistryClient, type RegistryClientOptions } from '../../lib/registry/client.ts'
import type { RemoteDigest } from '../../lib/registry/digest.ts'
import { AUTHORITY, testLookup } from './registry-server.ts'

/** A clock that only moves when somebody sleeps or says so. */
export interface TestClock extends Clock {
  slept: number[]
  pass(ms: number): void
}

export function testClock(): TestClock {
  let at = 1_000_000
  const slept: number[] = []
  return {
    slept,
    now: () => 1_800_000_000_000 + at,
    monotonic: () => at,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      slept.push(ms)
      at += ms
    },
    pass: (ms) => {
      at += ms
    },
  }
}

/** Always the middle, so that waits are exact. */
export const testRandom: Random = { id: () => '00', fraction: () => 0.5 }

export const LOGIN: RegistryAuth = { username: 'u', password: 'p' }

/** A client for the scripted servers: their CA, their names, a test clock, and the given logins. */
export function testClient(
  logins: Readonly<Record<string, RegistryAuth>> = {},
  options: Partial<RegistryClientOptions> = {},
): RegistryClient {
  return createRegistryClient({
    credentials: {
      resolve: async (registry) => ({ auth: logins[registry], source: logins[registry] ? 'the spec' : 'anonymous' }),
    },
    clock: testClock(),
    random: testRandom,
    ca: AUTHORITY.cert,
    lookup: testLookup(),
    ...options,
  })
}

/** What a digest came to, in one word: the digest, or the code of the error. */
export async function outcome(asked: Promise<RemoteDigest>): Promise<string> {
  try {
    return (await asked).digest
  } catch (error) {
    return isDockerError(error) ? error.code : messageOf(error)
  }
}

/** The error that a promise ends with. */
export async function failureOf(asked: Promise<unknown>): Promise<DockerError> {
  try {
    await asked
  } catch (error) {
    if (isDockerError(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}

/** Asks for one digest with a client of its own. */
export async function askOnce(
  reference: string,
  logins: Readonly<Record<string, RegistryAuth>> = {},
  options: Partial<RegistryClientOptions> = {},
): Promise<string> {
  await using client = testClient(logins, options)
  return await outcome(client.digest(parseReference(reference)))
}
