import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Pair {
  readonly cert: string
  readonly key: string
}

/** A CA with a certificate for 127.0.0.1 and one for a client, and a second CA that signed nothing of it. */
export interface Certificates {
  readonly ca: string
  readonly otherCa: string
  readonly server: Pair
  readonly client: Pair
}

const NEW = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ')
const SIGNED = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE']

/** Made by openssl, fresh for each run. */
export async function makeCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-certs-'))
  const make = (name: string, ...more: string[]): Promise<unknown> =>
    promisify(execFile)(
      'openssl',
      [...NEW, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...more],
      { cwd: dir },
    )
  const text = (name: string): Promise<string> => readFile(join(dir, name), 'utf8')
  const pair = async (name: string): Promise<Pair> => ({
    cert: await text(`${name}.pem`),
    key: await text(`${name}.key`),
  })
  try {
    await Promise.all([make('ca'), make('other')])
    await Promise.all([
      make('server', ...SIGNED, '-addext', 'subjectAltName=IP:127.0.0.1'),
      make('client', ...SIGNED, '-addext', 'extendedKeyUsage=clientAuth'),
    ])
    return {
      ca: await text('ca.pem'),
      otherCa: await text('other.pem'),
      server: await pair('server'),
      client: await pair('client'),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
