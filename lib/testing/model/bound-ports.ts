import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

import { isUp, type Container } from './container.ts'
import { exited } from './lifecycle.ts'
import { behaviourOf } from './process.ts'
import { refuse } from './refusal.ts'
import type { World } from './world.ts'

interface Bound {
  readonly server: Server
  readonly sockets: Set<Socket>
}

/** The host ports of running containers as real sockets of this machine (`ports: 'bind'`), TCP only. */
export interface BoundPorts {
  /** Binds what is published now, and lets go of what no longer is. @throws Refusal when a chosen port is taken */
  sync(): Promise<void>
  close(): Promise<void>
}

/**
 * Binds published ports at loopback: an address that a binding names when it is one, else 127.0.0.1. A port that the engine
 * chose moves to a free one where it is taken on this machine; one that the test chose fails the container.
 */
export function bindPorts(world: World): BoundPorts {
  const bound = new Map<string, Bound>()

  const close = async (key: string): Promise<void> => {
    const { server, sockets } = bound.get(key) as Bound
    bound.delete(key)
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  }

  const bind = async (container: Container, port: string, hostPort: string): Promise<void> => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
      const { serves } = behaviourOf(world, container)
      if (serves === undefined) socket.end()
      else serves(socket, Number(port.split('/')[0]))
    })
    const chosen = isChosen(container, port, hostPort)
    const at = await listen(server, Number(hostPort)).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' || chosen) throw error
      return listen(server, 0)
    })
    if (String(at) !== hostPort) move(container, port, hostPort, String(at))
    bound.set(`${container.id} ${container.run} ${port} ${at}`, { server, sockets })
  }

  let last: Promise<unknown> = Promise.resolve()
  const update = async (): Promise<void> => {
    const wanted = [...world.state.containers.values()].filter(isUp).flatMap((container) => bindingsOf(container))
    const keys = new Set(wanted.map(({ key }) => key))
    for (const key of bound.keys()) if (!keys.has(key)) await close(key)
    for (const { key, container, port, hostPort } of wanted) {
      if (bound.has(key)) continue
      try {
        await bind(container, port, hostPort)
      } catch {
        container.error = `failed to bind host port for 0.0.0.0:${hostPort}: address already in use`
        container.exitIsFinal = true
        exited(world, container, 128)
        refuse([500, container.error])
      }
    }
  }
  return {
    // One after the other: two calls at once would bind a port twice.
    sync: () => {
      const next = last.then(update)
      last = next.catch(() => undefined)
      return next
    },
    close: async () => {
      await last
      for (const key of bound.keys()) await close(key)
    },
  }
}

interface Wanted {
  readonly key: string
  readonly container: Container
  readonly port: string
  readonly hostPort: string
}

function bindingsOf(container: Container): Wanted[] {
  return Object.entries(container.ports).flatMap(([port, bindings]) => {
    if (!port.endsWith('/tcp')) return []
    const hostPorts = new Set((bindings ?? []).map(({ HostPort }) => HostPort))
    return Array.from(hostPorts, (hostPort) => {
      return { key: `${container.id} ${container.run} ${port} ${hostPort}`, container, port, hostPort }
    })
  })
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function isChosen({ hostConfig }: Container, port: string, hostPort: string): boolean {
  const { PortBindings } = hostConfig as { PortBindings?: Record<string, { HostPort?: string }[] | null> }
  return PortBindings?.[port]?.some(({ HostPort }) => HostPort === hostPort) === true
}

function move(container: Container, port: string, from: string, to: string): void {
  const bindings = container.ports[port] ?? []
  container.ports = {
    ...container.ports,
    [port]: bindings.map((one) => (one.HostPort === from ? { ...one, HostPort: to } : one)),
  }
}
