import { createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** A key pair with its certificate, in PEM. Made anew for each run, so that no key lies in the repository. */
export interface Certified {
  cert: string
  key: string
  privateKey: KeyObject
  name: string
}

export interface CertificateOptions {
  /** Common name, and the name that certificates signed by it give as their issuer. */
  name: string
  /** DNS names and IPv4 addresses it is for. */
  hosts?: readonly string[]
  /** Signs it; by default it signs itself. */
  issuer?: Certified
  /** Days from now, by default one before and one after. */
  from?: number
  until?: number
  /** Default P-256. */
  kind?: 'ec' | 'rsa'
}

const DAY = 86_400_000
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const RSA_SHA256 = sequence(oid('1.2.840.113549.1.1.11'), der(0x05))

/** Issues an X.509 certificate for a new key (RFC 5280, written as DER by hand). */
export function issueCertificate({
  name,
  hosts,
  issuer,
  from = -1,
  until = 1,
  kind = 'ec',
}: CertificateOptions): Certified {
  const { privateKey } =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signer = issuer?.privateKey ?? privateKey
  const algorithm = signer.asymmetricKeyType === 'rsa' ? RSA_SHA256 : ECDSA_SHA256
  const isAuthority = hosts === undefined
  const extensions = [
    extension('2.5.29.19', true, sequence(...(isAuthority ? [der(0x01, Buffer.from([0xff]))] : []))),
    ...(isAuthority ? [] : [extension('2.5.29.17', false, sequence(...hosts.map(alternativeName)))]),
  ]
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(issuer?.name ?? name),
    sequence(time(from), time(until)),
    commonName(name),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, signer)
  const certificate = sequence(body, algorithm, bitString(signature))
  const lines = certificate
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    name,
  }
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const bytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...bytes]), content])
}

function sequence(...items: Buffer[]): Buffer {
  return der(0x30, ...items)
}

function integer(value: Buffer): Buffer {
  return der(0x02, value)
}

function bitString(value: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), value)
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = rest.flatMap((part) => {
    const groups = [part & 0x7f]
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    return groups
  })
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(name)))))
}

function time(days: number): Buffer {
  const digits = new Date(Date.now() + days * DAY).toISOString().replace(/\D/g, '')
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`))
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value))
}

function alternativeName(host: string): Buffer {
  return isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host))
}
