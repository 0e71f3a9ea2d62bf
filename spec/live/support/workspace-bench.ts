import type { Env } from '../../../lib/base/ports.ts'
import { silentLog, systemClock } from '../../../lib/base/system.ts'
import { connect, type Docker } from '../../../lib/engine/connect.ts'
import { dockerBackend, type DockerBackend } from '../../../lib/workspace/docker/backend.ts'
import type { DockerSettings } from '../../../lib/workspace/docker/context.ts'
import { systemTemplates } from '../../../lib/workspace/template.ts'
import { hostOf, liveEngine, removeContainers } from './engine.ts'
import { pushImage } from './image.ts'
import { startRegistry, type LiveRegistry } from './registry.ts'

/** Serves its config over HTTP, and ends when it is told to. */
const AGENT = [
  '/bin/sh',
  '-c',
  'trap "exit 0" TERM; echo "agent $WORKSPACE_ID"; httpd -p 8000 -h /configs; while :; do sleep 0.1; done',
]

/** A platform of its own on the live engine: registry with an agent's image, network, instance. */
export interface WorkspaceBench extends AsyncDisposable {
  readonly docker: Docker
  readonly registry: LiveRegistry
  /** Names the registry of the runtimes and the platform's database. */
  readonly env: Env
  readonly network: string
  /** Publishes the claude-code runtime, as a release does. */
  release(version: string): Promise<void>
  /** A backend over an engine at this host; default the live one. */
  backend(settings?: DockerSettings, host?: string): Promise<DockerBackend & { readonly docker: Docker }>
  /** Removes everything of the workspaces whose id begins so. */
  cleanUp(): Promise<void>
}

/** @param name distinguishes it from others on the same engine; ids of its workspaces begin with `idPrefix` */
export async function workspaceBench(name: string, idPrefix: string): Promise<WorkspaceBench> {
  const docker = await liveEngine()
  const registry = await startRegistry()
  const network = `workspace-${name}-net`
  const env = { MOLECULE_IMAGE_REGISTRY: `${registry.host}/acme`, DATABASE_URL: `live:${name}` }
  const auth = { username: registry.user, password: registry.password }
  const bench: Omit<WorkspaceBench, typeof Symbol.asyncDispose> = {
    docker,
    registry,
    env,
    network,
    release: async (version) => {
      const settings = { Cmd: AGENT, Env: ['PATH=/bin', `VERSION=${version}`], Labels: { version } }
      await pushImage(registry, 'acme/workspace-template-claude-code', 'latest', settings)
    },
    backend: async (settings = {}, host = hostOf(docker)) => {
      const engine = await connect({ host, env: {} })
      const ports = {
        engine,
        credentials: { resolve: async () => ({ auth, source: 'the spec' }) },
        clock: systemClock,
        env,
        host: { platform: 'linux', arch: process.arch },
        templates: systemTemplates,
        log: silentLog,
      }
      return Object.assign(dockerBackend(ports, { network, ...settings }), { docker: engine })
    },
    cleanUp: async () => {
      await removeContainers(docker, `ws-${idPrefix}`)
      for (const { Name } of (await docker.volumes.list()).Volumes)
        if (Name.startsWith(`ws-${idPrefix}`)) await docker.volumes.remove(Name, { force: true }).catch(() => {})
      await docker.networks.remove(network).catch(() => {})
    },
  }
  await bench.cleanUp()
  await docker.networks.create({ Name: network })
  await bench.release('v1')
  return {
    ...bench,
    [Symbol.asyncDispose]: async () => {
      await bench.cleanUp()
      for (const { RepoTags, RepoDigests } of await docker.images.list({ digests: true }))
        for (const name of [...RepoTags, ...RepoDigests])
          if (name.startsWith(`${registry.host}/`)) await docker.images.remove(name).catch(() => {})
      await registry[Symbol.asyncDispose]()
      await docker.close()
    },
  }
}
