import { lookup } from 'node:dns/promises'

import { systemProcesses } from '../base/processes.ts'
import { systemClock, systemFiles, systemRandom } from '../base/system.ts'
import type { Env } from '../base/ports.ts'
import { createCredentials } from '../registry/credentials/resolve.ts'
import type { RefreshEngine } from './container.ts'
import type { CredentialFinder } from './pull.ts'
import type { RefreshPorts } from './refresh.ts'
import { systemProber } from './system-prober.ts'

/**
 * The ports of a refresh on this machine: its clock, its processes, its network, and the credentials of its environment
 * and files unless others are given.
 */
export function systemPorts(
  engine: RefreshEngine,
  options: { readonly env?: Env; readonly credentials?: CredentialFinder } = {},
): RefreshPorts {
  const { env = process.env, credentials = createCredentials({ env, files: systemFiles }) } = options
  return {
    engine,
    credentials,
    clock: systemClock,
    random: systemRandom,
    processes: systemProcesses,
    prober: systemProber,
  }
}

/** Every address of a host name, as connections find them; none when there is none. */
export async function systemLookup(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.map(({ address }) => address)
}
