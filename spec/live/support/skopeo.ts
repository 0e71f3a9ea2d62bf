import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { sha256 } from '../../support/registry-server.ts'
import type { LiveRegistry } from './registry.ts'
import { LOGIN } from './token-server.ts'

/** What skopeo says a reference has: the hash of the raw manifest or index. */
export async function skopeoDigest(registry: LiveRegistry, name: string): Promise<string> {
  return sha256(await skopeo('inspect', '--raw', ...access(registry), `docker://${registry.host}/${name}`))
}

/** What skopeo copies for a platform: the hash of the manifest it chose. */
export async function skopeoPlatformDigest(registry: LiveRegistry, name: string, platform: string): Promise<string> {
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  const folder = mkdtempSync(join(tmpdir(), 'dockline-skopeo-'))
  try {
    const wanted = ['--override-os', os, '--override-arch', architecture]
    if (variant !== '') wanted.push('--override-variant', variant)
    const from = access(registry).map((option) => option.replace(/^--(?=creds|cert-dir|tls-verify)/, '--src-'))
    await skopeo(...wanted, '--insecure-policy', 'copy', ...from, `docker://${registry.host}/${name}`, `dir:${folder}`)
    return sha256(readFileSync(join(folder, 'manifest.json')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function access({ origin, certificates }: LiveRegistry): string[] {
  const trust = origin.startsWith('https:') ? [`--cert-dir=${certificates}`] : ['--tls-verify=false']
  return [`--creds=${LOGIN.username}:${LOGIN.password}`, ...trust]
}

// Not the blocking form: the token server that skopeo asks lives in this process.
async function skopeo(...options: string[]): Promise<Buffer> {
  return (await promisify(execFile)('skopeo', options, { encoding: 'buffer' })).stdout
}
