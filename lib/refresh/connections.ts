// Networks and published ports that a container must have when it runs, and what brings them back.
//
// A start that a taken host port fails takes the network that was being joined from the container (Docker 29.7). The next
// start is then answered by 204 and runs without a network and without ports.
import { RefreshError } from '../base/errors.ts'
import { isObject, objectAt, parseJson, printJson, type JsonObject } from '../base/json.ts'
import type { Clock } from '../base/ports.ts'
import { isUp, see, type RefreshEngine, type Seen } from './container.ts'
import { missingPorts } from './published-ports.ts'
import { networksOf } from './successor/networking.ts'
import type { Successor } from './successor/successor.ts'
import { sure } from './sure.ts'

/** What a container is connected to. */
export interface Connections {
  /** What is configured of each endpoint, by the name of its network. */
  readonly endpoints: JsonObject
  /** Ports that were published while the container ran: `80/tcp`. */
  readonly ports: readonly string[]
}

/** The connections of a container that is replaced, which are those of its successor. */
export function connectionsOf(old: Seen, { body, later }: Pick<Successor, 'body' | 'later'>): Connections {
  const endpoints = objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig')
  // What PublishAllPorts published of the old image need not be exposed by the new one.
  const bindings = objectAt(objectAt(body, 'HostConfig'), 'PortBindings')
  const isAsked = (port: string): boolean => Array.isArray(bindings[port]) && bindings[port].length > 0
  return {
    endpoints: { ...endpoints, ...Object.fromEntries(later.map(({ network, endpoint }) => [network, endpoint])) },
    ports: isUp(old) ? publishedPorts(old).filter(isAsked) : [],
  }
}

export function printConnections({ endpoints, ports }: Connections): string {
  return printJson({ endpoints, ports: [...ports] })
}

/** Reads what `printConnections` wrote; `undefined` for anything else. */
export function parseConnections(text: string): Connections | undefined {
  try {
    const value = parseJson(text)
    if (!isObject(value) || !isObject(value['endpoints'])) return undefined
    const ports = Array.isArray(value['ports']) ? value['ports'].filter((port) => typeof port === 'string') : []
    return { endpoints: value['endpoints'], ports }
  } catch {
    return undefined
  }
}

/** Networks that a container has lost. */
export function lostNetworks({ raw }: Pick<Seen, 'raw'>, wanted: Connections | undefined): string[] {
  const found = networksOf(raw)
  return Object.keys(wanted?.endpoints ?? {}).filter((network) => !Object.hasOwn(found, network))
}

/** What a container that runs lacks, in words; empty when it has all, or does not run. */
export function lacks(seen: Seen, wanted: Connections | undefined): string {
  if (wanted === undefined || !isUp(seen)) return ''
  const networks = lostNetworks(seen, wanted)
  const published = new Set(publishedPorts(seen))
  const ports = wanted.ports.filter((port) => !published.has(port))
  return [
    ...(networks.length === 0 ? [] : [`its networks ${networks.join(', ')}`]),
    ...(ports.length === 0 ? [] : [`its published ports ${ports.join(', ')}`]),
  ].join(' and ')
}

interface ConnectContext {
  readonly engine: Pick<RefreshEngine, 'containers' | 'networks'>
  readonly clock: Clock
}

/** Connects a container that does not run to the networks that it has lost. @throws as `sure` */
export async function reconnect(context: ConnectContext, id: string, wanted: Connections | undefined): Promise<void> {
  const { engine, clock } = context
  const seen = wanted === undefined ? undefined : await see(engine, id)
  if (seen === undefined) return
  for (const network of lostNetworks(seen, wanted)) {
    const EndpointConfig = objectAt(wanted?.endpoints, network)
    await sure(
      clock,
      () => engine.networks.connect(network, { Container: id, EndpointConfig }),
      async () => Object.hasOwn(networksOf((await see(engine, id))?.raw ?? {}), network),
    )
  }
}

/**
 * Starts a container. When the start fails, the container gets back the networks that the failure cost it.
 *
 * @throws the error of the start
 */
export async function startConnected(
  context: ConnectContext,
  id: string,
  wanted: Connections | undefined,
): Promise<void> {
  try {
    await context.engine.containers.start(id)
  } catch (error) {
    // Where this fails too, the next look at the container tells.
    await reconnect(context, id, wanted).catch(() => {})
    throw error
  }
}

/** Throws when a container that was started lacks a network or a published port. @throws RefreshError `START_FAILED` */
export async function proveConnected(
  { engine }: Pick<ConnectContext, 'engine'>,
  id: string,
  wanted: Connections | undefined,
): Promise<void> {
  const seen = wanted === undefined ? undefined : await see(engine, id)
  const missing = seen === undefined ? '' : lacks(seen, wanted)
  if (missing !== '') throw new RefreshError('START_FAILED', `${seen?.name} runs without ${missing}`)
}

const LOOKS = 2
const PAUSE = 500

/**
 * What a successor that was started lacks of what its old container had, in words; empty when it has all. One that ends
 * is shown as running and without ports for a moment: it is looked at again, and left to the gate when it is down then,
 * or was started anew.
 */
export async function startLacks(
  { engine, clock }: ConnectContext,
  old: Seen,
  started: Seen,
  wanted: Connections | undefined,
): Promise<string> {
  let seen: Seen | undefined = started
  for (let look = 1; ; look++) {
    if (seen === undefined || !isUp(seen) || seen.view.RestartCount !== started.view.RestartCount) return ''
    const ports = missingPorts(old, seen)
    const missing = ports.length > 0 ? `its published ports ${ports.join(', ')}` : lacks(seen, wanted)
    if (missing === '' || look === LOOKS) return missing
    await clock.sleep(PAUSE)
    seen = await see(engine, started.id)
  }
}

function publishedPorts({ view }: Seen): string[] {
  return Object.entries(view.NetworkSettings.Ports).flatMap(([port, bindings]) =>
    (bindings ?? []).length === 0 ? [] : [port],
  )
}
