import { mkdtempSync, rmSync, chmodSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SocketFilter extends AsyncDisposable {
  /** `unix://…` */
  readonly host: string
  /** `METHOD /path` of every call that was refused. */
  readonly refused: string[]
  /** The same of every call that went through, without ids and names. */
  readonly passed: Set<string>
}

/**
 * Lets through to the engine at `target` what the flags `-allowMETHOD=REGEXP` of wollomatic/socket-proxy name. As it does:
 * the expression is anchored at both ends without a group, and holds against the decoded path.
 */
export async function socketFilter(target: string, flags: readonly string[]): Promise<SocketFilter> {
  const allowed = new Map(
    flags.flatMap((flag) => {
      const [, method, expression] = /^-allow([A-Z]+)=(.*)$/.exec(flag) ?? []
      return method === undefined ? [] : [[method, new RegExp(`^${expression}$`)] as const]
    }),
  )
  const refused: string[] = []
  const passed = new Set<string>()
  const socketPath = target.replace(/^unix:\/\//, '')
  const server = createServer((asked, answer) => {
    const { method = '', url = '' } = asked
    const path = decodeURIComponent(url.replace(/\?.*$/, ''))
    if (allowed.get(method)?.test(path) !== true) {
      refused.push(`${method} ${path}`)
      answer.writeHead(403).end()
      return
    }
    passed.add(`${method} ${withoutNames(path)}`)
    const onward = request({ socketPath, method, path: url, headers: asked.headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      answer.flushHeaders()
      reply.pipe(answer)
    })
    asked.pipe(onward)
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
  })
  const dir = mkdtempSync(join(tmpdir(), 'filter-'))
  const listen = join(dir, 'docker.sock')
  server.listen(listen)
  await once(server, 'listening')
  for (const path of [dir, listen]) chmodSync(path, 0o777)
  return {
    host: `unix://${listen}`,
    refused,
    passed,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function withoutNames(path: string): string {
  return path
    .replace(/^\/v1\.\d+/, '')
    .replace(/^\/(containers|images)\/(?!json$|create$)(.+?)(\/(?:json|tag|start|stop|rename|update))?$/, '/$1/{id}$3')
}
