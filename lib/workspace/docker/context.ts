import type { Clock, Env, Log } from '../../base/ports.ts'
import type { Docker } from '../../engine/connect.ts'
import type { Host } from '../../refresh/platform.ts'
import type { CredentialFinder } from '../../refresh/pull.ts'
import { platformInstance } from '../labels.ts'
import type { Templates } from '../template.ts'

/** The part of an engine that workspaces use. */
export type WorkspaceEngine = Pick<Docker, 'containers' | 'images' | 'volumes' | 'exec' | 'info'>

/** How this platform runs workspaces on its engine. */
export interface DockerSettings {
  /** Network of the agents, which must be there; default `molecule-monorepo-net`. */
  readonly network?: string | undefined
  /** Mark of this platform; default made from `DATABASE_URL`. */
  readonly instance?: string | undefined
  /** Default `MOLECULE_WORKSPACE_RESTART_POLICY`, else `unless-stopped`. */
  readonly restartPolicy?: string | undefined
  /** `missing` (default) pulls images that the engine lacks, `always` at each start, `never` not at all. */
  readonly pull?: 'missing' | 'always' | 'never' | undefined
  /** Milliseconds for one pull; default 15 minutes. */
  readonly pullTimeout?: number | undefined
  /** Milliseconds for all of a start but its pull; default 3 minutes. */
  readonly startTimeout?: number | undefined
  /** Whether a workspace has been removed meanwhile: asked before its container is made, and after it runs. */
  readonly isRemoved?: ((id: string) => Promise<boolean>) | undefined
}

/** What the Docker backend works with. */
export interface DockerPorts {
  readonly engine: WorkspaceEngine
  readonly credentials: CredentialFinder
  readonly clock: Clock
  readonly env: Env
  /** This process's machine; the engine's own is asked for. */
  readonly host: Host
  readonly templates: Templates
  readonly log: Log
}

export interface DockerContext extends DockerPorts {
  readonly settings: DockerSettings & { readonly network: string; readonly instance: string }
}

/** The network that compose makes for platform and agents. */
const DEFAULT_NETWORK = 'molecule-monorepo-net'

/** Ports and settings, with what the settings leave open. */
export function dockerContext(ports: DockerPorts, settings: DockerSettings = {}): DockerContext {
  const { network = DEFAULT_NETWORK, instance = platformInstance(ports.env) } = settings
  return { ...ports, settings: { ...settings, network, instance } }
}
