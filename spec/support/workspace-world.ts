import type { Env, Log } from '../../lib/base/ports.ts'
import { systemClock } from '../../lib/base/system.ts'
import type { RegistryAuth } from '../../lib/base/registry-auth.ts'
import { dockerBackend, type DockerBackend } from '../../lib/workspace/docker/backend.ts'
import { dockerContext, type DockerContext, type DockerSettings } from '../../lib/workspace/docker/context.ts'
import { systemTemplates, type Templates } from '../../lib/workspace/template.ts'
import type { Workspace } from '../../lib/workspace/workspace.ts'
import { smallEngine, type SmallEngine } from './small-engine.ts'

export const ID = '5eed0008-aaaa-4bbb-8ccc-123456789abc'
export const LEGACY = '5eed0008-aaa'
export const IMAGE = 'ghcr.io/molecule-ai/workspace-template-langgraph:latest'

/** A workspace that can be started: it brings a config. */
export function aWorkspace(changes: Partial<Workspace> = {}): Workspace {
  return { id: ID, platformUrl: 'http://platform:8080', files: { 'config.yaml': 'name: x\n' }, ...changes }
}

/** A Docker backend over the small engine, and all that it works with. */
export interface World extends AsyncDisposable {
  readonly engine: SmallEngine
  readonly context: DockerContext
  readonly backend: DockerBackend
  /** What was logged. */
  readonly log: string[]
}

export interface WorldOptions {
  readonly env?: Env
  readonly settings?: DockerSettings
  readonly templates?: Templates
  readonly auth?: RegistryAuth
  /** Of this process's machine. */
  readonly host?: { platform: string; arch: string }
}

export async function workspaceWorld(options: WorldOptions = {}): Promise<World> {
  const engine = await smallEngine()
  const lines: string[] = []
  const keep: Log['warn'] = (message, fields) => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const ports = {
    engine: engine.docker,
    credentials: { resolve: async () => ({ auth: options.auth, source: 'the spec' }) },
    // Waits between looks are not waited for.
    clock: { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(1, signal) },
    env: options.env ?? {},
    host: options.host ?? { platform: 'linux', arch: 'x64' },
    templates: options.templates ?? systemTemplates,
    log: { info: keep, warn: keep },
  }
  const settings = { network: 'agents', instance: 'here', ...options.settings }
  return {
    engine,
    context: dockerContext(ports, settings),
    backend: dockerBackend(ports, settings),
    log: lines,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}
