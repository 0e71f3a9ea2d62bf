// What an engine tells of itself before anything else is asked.
import { isDockerError, type DockerError } from '../base/errors.ts'
import { isObject, textAt, type JsonObject } from '../base/json.ts'
import type { Operation, Wire } from '../wire/call.ts'
import { MIN_API_VERSION, type Newest } from '../wire/version.ts'
import { jsonObject } from './schema/shape.ts'

/** The newest API version of the engine, and whether it is podman. */
export interface Identity {
  readonly newest: Newest | undefined
  readonly isPodman: boolean
}

type Asking = Pick<Wire, 'head' | 'json'>

const PING: Operation = { method: 'GET', path: '/_ping', unversioned: true }
const VERSION: Operation = { method: 'GET', path: '/version', unversioned: true }

/**
 * Asks the engine once, whoever asks first, and again after a failure or a guess. A proxy may refuse `/_ping` and an engine
 * may fail at it: then `/version` tells, and without that the lowest version is spoken, to which every engine answers,
 * if only by naming its own lowest.
 */
export function identifier(wire: Asking): () => Promise<Identity> {
  let known: Promise<Identity> | undefined
  return () => {
    if (known !== undefined) return known
    const asked = identify(wire)
    known = asked
    const forget = (): void => {
      if (known === asked) known = undefined
    }
    asked.then(({ newest }) => newest?.isPassing === true && forget(), forget)
    return asked
  }
}

async function identify(wire: Asking): Promise<Identity> {
  try {
    const { headers } = await wire.head(PING)
    const version = headers['api-version']
    return {
      newest: version === undefined ? undefined : { version },
      isPodman: headers['libpod-api-version'] !== undefined,
    }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return byVersion(wire, error)
  }
}

async function byVersion(wire: Asking, refusal: DockerError): Promise<Identity> {
  try {
    const answer = await wire.json(VERSION, jsonObject)
    const version = textAt(answer, 'ApiVersion')
    if (version !== '') return { newest: { version }, isPodman: isPodman(answer) }
  } catch (error) {
    if (!isDockerError(error) || (error.status === undefined && error.code !== 'PROTOCOL_VIOLATION')) throw error
  }
  // What fails may work the next time, what is forbidden stays so.
  const isPassing = (refusal.status ?? 500) >= 500
  return { newest: { version: MIN_API_VERSION, isPassing }, isPodman: false }
}

function isRefusal(error: unknown): error is DockerError {
  return isDockerError(error) && error.status !== undefined
}

function isPodman({ Components }: JsonObject): boolean {
  return (
    Array.isArray(Components) && Components.some((part) => isObject(part) && textAt(part, 'Name') === 'Podman Engine')
  )
}
