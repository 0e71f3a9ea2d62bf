import { createWire, type Wire } from '../../lib/wire/call.ts'
import type { Transport } from '../../lib/wire/transport.ts'
import { undiciTransport, type UndiciTransportOptions } from '../../lib/wire/undici-transport.ts'
import { createNegotiator } from '../../lib/wire/version.ts'
import type { Daemon } from './daemon.ts'

/** A transport to a scripted engine. */
export function transportTo(daemon: Pick<Daemon, 'socketPath'>, options: UndiciTransportOptions = {}): Transport {
  return undiciTransport({ kind: 'unix', socketPath: daemon.socketPath, source: 'the spec' }, options)
}

/** A wire to a scripted engine, with negotiation unless a version is given. */
export function wireTo(daemon: Pick<Daemon, 'socketPath' | 'host'>, version?: string): Wire & AsyncDisposable {
  const transport = transportTo(daemon)
  const negotiator = createNegotiator(async () => {
    const { headers } = await wire.head({ method: 'GET', path: '/_ping', unversioned: true })
    return headers['api-version'] === undefined ? undefined : { version: headers['api-version'] }
  }, version)
  const isPodman = () => Promise.resolve(false)
  const wire: Wire = createWire({ transport, negotiator, isPodman, endpoint: daemon.host, validate: 'strict' })
  return { ...wire, [Symbol.asyncDispose]: () => transport.close() }
}
