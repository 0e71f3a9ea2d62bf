// The options of `connect`, as plain JavaScript may give them.
import { InputError } from '../base/errors.ts'
import { refuseUnknown } from '../base/options.ts'
import type { ConnectOptions } from './connect.ts'

const KINDS = {
  host: 'string',
  context: 'string',
  tls: 'object',
  apiVersion: 'string',
  validate: 'string',
  env: 'object',
  files: 'object',
  clock: 'object',
  random: 'object',
  transport: 'function',
  connectTimeout: 'number',
  connections: 'number',
} as const satisfies Record<keyof ConnectOptions, string>

const HOST = "host: 'tcp://name:port'"
const TLS = 'tls: { ca, cert, key }'

// Of dockerode, docker-py and undici.
const HINTS: Readonly<Record<string, string>> = {
  agent: 'transport',
  base_url: "host: 'unix:///path' or 'tcp://name:port'",
  ca: TLS,
  cert: TLS,
  hostname: HOST,
  key: TLS,
  maxSockets: 'connections',
  port: HOST,
  protocol: "host: 'http://name:port' or 'https://name:port'",
  socket: "host: 'unix:///path'",
  socketPath: "host: 'unix:///path'",
  sshOptions: "host: 'ssh://user@name', and the rest into the configuration of ssh",
  timeout: 'timeout in the last argument of each call',
  username: "host: 'ssh://user@name'",
  version: "apiVersion: '1.43'",
}

const TLS_KNOWN: ReadonlySet<string> = new Set(['ca', 'cert', 'key', 'verify', 'servername'])
const TLS_HINTS: Readonly<Record<string, string>> = { rejectUnauthorized: 'verify' }

/** @throws InputError `INPUT_INVALID` naming the option, and what to write */
export function checkConnectOptions(options: ConnectOptions): void {
  if (typeof options === 'string')
    throw new InputError('INPUT_INVALID', `connect takes options: write connect({ host: ${JSON.stringify(options)} })`)
  if (typeof options !== 'object' || options === null)
    throw new InputError('INPUT_INVALID', 'the options of connect are no object')
  refuseUnknown('option of connect', options, new Set(Object.keys(KINDS)), HINTS)
  for (const [name, kind] of Object.entries(KINDS)) {
    const value: unknown = options[name as keyof ConnectOptions]
    if (value === undefined) continue
    if (value === null || typeof value !== kind)
      throw new InputError('INPUT_INVALID', `the option "${name}" of connect is no ${kind}`)
  }
  if (options.tls !== undefined) refuseUnknown('option of tls', options.tls, TLS_KNOWN, TLS_HINTS)
  if (options.validate !== undefined && !['off', 'warn', 'strict'].includes(options.validate))
    throw new InputError('INPUT_INVALID', 'the option "validate" of connect is none of off, warn, strict')
  for (const name of ['connectTimeout', 'connections'] as const) {
    const value = options[name]
    if (value !== undefined && !(value >= (name === 'connections' ? 1 : 0)))
      throw new InputError('INPUT_INVALID', `the option "${name}" of connect is ${value}`)
  }
}
