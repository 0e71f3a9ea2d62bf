import { InputError } from '../base/errors.ts'
import { systemFiles } from '../base/system.ts'
import { createRegistryClient, type RegistryClient } from '../registry/client.ts'
import type { Credentials } from '../registry/credentials/resolve.ts'

/** Flags that say how registries are asked. */
export interface RegistryFlags {
  readonly ca?: readonly string[] | undefined
  readonly insecure?: readonly string[] | undefined
}

/** A client for all registries. Nothing is asked yet. @throws InputError `CONFIG_INVALID` for a CA that cannot be read */
export async function openRegistries(credentials: Credentials, flags: RegistryFlags): Promise<RegistryClient> {
  const ca = await Promise.all((flags.ca ?? []).map(readCertificates))
  return createRegistryClient({ credentials, insecure: flags.insecure, ...(ca.length === 0 ? {} : { ca }) })
}

async function readCertificates(path: string): Promise<string> {
  const text = await systemFiles.readText(path)
  if (text?.includes('-----BEGIN CERTIFICATE-----') === true) return text
  throw new InputError(
    'CONFIG_INVALID',
    `--ca ${path}: ${text === undefined ? 'no such file' : 'no certificate in PEM'}`,
  )
}
