import { refuse } from './refusal.ts'
import { json } from './reply.ts'
import type { Handler, RouteTable } from './routes.ts'

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'

const noSwarm: Handler = ({ profile }) =>
  profile.family === 'docker' ? refuse([503, NO_SWARM]) : refuse(profile.words.notFound())

const absent: Handler = (_, { method, path }) => refuse([501, `the model has no ${method} ${path}`])

const table = (handler: Handler, ...paths: string[]): RouteTable =>
  Object.fromEntries(
    paths.flatMap((path) => ['GET', 'POST', 'DELETE'].map((method) => [`${method} ${path}`, handler] as const)),
  )

/** What the model has not: it says so, in place of a 404 that would be taken for an older engine. */
export const absentRoutes: RouteTable = {
  'POST /auth': (_, call) => {
    const { username = '' } = call.object()
    if (username === '')
      refuse([500, 'Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password'])
    return json({ Status: 'Login Succeeded', IdentityToken: '' })
  },
  'GET /plugins': ({ profile }) => (profile.family === 'docker' ? json([]) : refuse(profile.words.notFound())),
  'POST /build/prune': ({ profile }) =>
    profile.family === 'docker' ? json({ CachesDeleted: null, SpaceReclaimed: 0 }) : refuse(profile.words.notFound()),
  ...table(noSwarm, '/swarm', '/swarm/unlockkey', '/swarm/leave', '/swarm/update', '/swarm/unlock'),
  ...table(noSwarm, '/nodes', '/nodes/{name}', '/services', '/services/{name}', '/tasks', '/tasks/{name}'),
  ...table(noSwarm, '/secrets', '/secrets/{name}', '/configs', '/configs/{name}'),
  ...table(absent, '/swarm/init', '/swarm/join', '/build', '/build/cancel', '/session', '/grpc', '/plugins/{name}'),
  ...table(absent, '/containers/{id}/attach/ws', '/containers/{id}/checkpoints'),
}
