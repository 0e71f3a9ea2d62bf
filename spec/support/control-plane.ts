import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that the control plane got. */
export interface PlaneRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What to do with a request in the place of the plane's own answer; `false` lets it answer. */
export type PlaneScript = (request: PlaneRequest, response: ServerResponse) => boolean

/** A control plane on loopback: machines by id, and what was asked of it. */
export interface ControlPlane extends AsyncDisposable {
  readonly url: string
  readonly requests: PlaneRequest[]
  /** State of each machine. */
  readonly machines: Map<string, string>
  script: PlaneScript
}

export async function controlPlane(): Promise<ControlPlane> {
  const requests: PlaneRequest[] = []
  const machines = new Map<string, string>()
  let serial = 0
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const url = new URL(request.url ?? '/', 'http://plane')
      const asked: PlaneRequest = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      requests.push(asked)
      if (plane.script(asked, response)) return
      answer(asked, response)
    })()
  })

  function answer({ method, path, query }: PlaneRequest, response: ServerResponse): void {
    const machine = query.get('instance_id') ?? ''
    if (method === 'POST' && path === '/cp/workspaces/provision') {
      const id = `i-${++serial}`
      machines.set(id, 'running')
      json(response, 201, { instance_id: id, private_ip: '10.0.0.1', state: 'pending' })
    } else if (path.startsWith('/cp/admin/') && path.endsWith('/console')) {
      json(response, 200, { output: 'booted\n' })
    } else if (!machines.has(machine)) json(response, 404, { error: 'no such instance' })
    else if (path.endsWith('/status')) json(response, 200, { state: machines.get(machine) })
    else {
      machines.delete(machine)
      json(response, 200, {})
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const plane: ControlPlane = {
    url: `http://127.0.0.1:${port}`,
    requests,
    machines,
    script: () => false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return plane
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, value: object): true {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  return true
}

/** Answers with a text. */
export function text(response: ServerResponse, status: number, body: string): true {
  response.writeHead(status, { 'content-type': 'text/html' }).end(body)
  return true
}
