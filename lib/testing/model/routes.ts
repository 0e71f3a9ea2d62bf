import type { Call } from './call.ts'
import { absentRoutes } from './routes-absent.ts'
import { containerRoutes } from './routes-containers.ts'
import { imageRoutes } from './routes-images.ts'
import { networkRoutes, volumeRoutes } from './routes-networks.ts'
import { systemRoutes } from './routes-system.ts'
import type { Reply } from './reply.ts'
import type { World } from './world.ts'

/** Answers a call; `name` is what the path names. */
export type Handler = (world: World, call: Call, name: string) => Reply | Promise<Reply>

/** Method and path, in which `{id}` is one segment and `{name}` any number of them. */
export type RouteTable = Readonly<Record<string, Handler>>

interface Route {
  readonly method: string
  readonly path: RegExp
  readonly handler: Handler
}

const TABLE: readonly Route[] = Object.entries({
  ...systemRoutes,
  ...containerRoutes,
  ...imageRoutes,
  ...networkRoutes,
  ...volumeRoutes,
  ...absentRoutes,
}).map(([key, handler]) => {
  const [method = '', path = ''] = key.split(' ')
  const one = path.startsWith('/networks/') ? '(.+)' : '([^/]+)' // dockerd: {id:.*}
  const pattern = path.replace('{id}', one).replace('{name}', '(.+)')
  return { method, path: new RegExp(`^${pattern}$`), handler }
})

/** The handler of a call and what its path names. A HEAD is a GET without its body. */
export function findRoute(method: string, path: string): { handler: Handler; name: string } | undefined {
  for (const route of TABLE) {
    if (route.method !== method && !(method === 'HEAD' && route.method === 'GET')) continue
    const match = route.path.exec(path)
    if (match !== null) return { handler: route.handler, name: match[1] ?? '' }
  }
  return undefined
}

/** Whether the path is there for another method. */
export function hasPath(path: string): boolean {
  return TABLE.some((route) => route.path.test(path))
}
