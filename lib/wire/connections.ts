import type { Duplex } from 'node:stream'

import type { Client as ClientType } from 'undici'
import Client from 'undici/lib/dispatcher/client.js'

/** Opens a connection and says when it may be used; what it returns may be destroyed before that. */
export type Connect = (timeout: number, ready: (error: Error | null, socket: Duplex | null) => void) => Duplex

/** One connection, opened when it is first needed and again after it was closed. */
export interface Connection {
  readonly client: ClientType
  /** Watches it from now on: the returned function tells whether it is the same one still and nothing has come over it. */
  silence(): () => boolean
  /** Closes it for good, in whatever state it is, and does not let undici open another. */
  destroy(reason: Error): Promise<void>
}

export interface ConnectionsOptions {
  readonly connect: Connect
  /** What goes into the Host header. */
  readonly origin: string
  /** Milliseconds that an unused connection is kept. */
  readonly keepAlive: number
}

/**
 * A connection of its own. undici's client is used and not its pool: the pool opens a new connection for a request that
 * was aborted, only to find that there is nothing to send.
 */
export function openLazily({ connect, origin, keepAlive }: ConnectionsOptions, connectTimeout: number): Connection {
  let socket: Duplex | undefined
  let opened: Duplex | undefined
  const client = new Client(origin, {
    pipelining: 1,
    keepAliveTimeout: keepAlive,
    connect: (_, ready) => {
      socket = connect(connectTimeout, (error, connected) => {
        socket = undefined
        opened = connected ?? undefined
        if (error !== null) ready(error, null)
        else ready(null, connected as never) // any Duplex will do, undici's types want a net.Socket
      })
    },
  })
  return {
    client,
    silence: () => {
      const before = opened
      const bytes = bytesRead(before)
      return () => before !== undefined && opened === before && bytesRead(before) === bytes
    },
    destroy: (reason) => {
      socket?.destroy()
      return client.destroy(reason)
    },
  }
}

// A child process counts none.
function bytesRead(socket: Duplex | undefined): number {
  return (socket as { readonly bytesRead?: number } | undefined)?.bytesRead ?? 0
}

/**
 * A bounded set of connections for short calls, one call each at a time. One that has been idle waits for a turn of the
 * event loop before it is used, so that the end of a restarted engine's connection, if it is there, is seen first: undici
 * looks too, but within the same turn.
 */
export class Connections {
  readonly #open: (connectTimeout: number) => Connection
  readonly #limit: number
  readonly #idle: Connection[] = []
  readonly #fresh = new Set<Connection>()
  readonly #waiting = new Set<() => void>()
  #taken = 0

  constructor(limit: number, open: (connectTimeout: number) => Connection) {
    this.#limit = limit
    this.#open = open
  }

  /**
   * Calls `use` with a connection, at once or when one comes free, and whether it was used before; the returned function
   * gives the place up before that.
   */
  take(connectTimeout: number, use: (connection: Connection, used: boolean) => void): () => void {
    let giveUp = (): void => void this.#waiting.delete(serve)
    const serve = (): void => {
      this.#waiting.delete(serve)
      this.#taken++
      const idle = this.#idle.pop()
      if (idle === undefined) use(this.#open(connectTimeout), false)
      else if (this.#fresh.has(idle)) use(idle, true)
      else {
        const turn = setImmediate(() => {
          giveUp = () => {}
          use(idle, true)
        })
        giveUp = () => {
          clearImmediate(turn)
          this.#idle.push(idle)
          this.#next()
        }
      }
    }
    if (this.#taken < this.#limit) serve()
    else this.#waiting.add(serve)
    return () => giveUp()
  }

  /** Gives a connection back, to be used again or, when its call did not end well, to be replaced. */
  give(connection: Connection, reusable: boolean): void {
    if (reusable) {
      this.#idle.push(connection)
      if (this.#fresh.size === 0) setImmediate(() => this.#fresh.clear())
      this.#fresh.add(connection)
    }
    this.#next()
  }

  #next(): void {
    this.#taken--
    const [next] = this.#waiting
    next?.()
  }

  /** Takes out those that nobody uses. */
  clear(): Connection[] {
    return this.#idle.splice(0)
  }
}
