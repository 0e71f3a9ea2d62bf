import type { Env } from '../../base/ports.ts'
import type { ContainerCreateBody } from '../../engine/schema/container-create.ts'
import { workspaceLabels } from '../labels.ts'
import { AGENT_PORT } from '../names.ts'
import { tierRights, type TierRights } from '../tiers.ts'
import type { Workspace } from '../workspace.ts'
import { workspaceMounts, type VolumeNames } from './mounts.ts'

/** What the container of a workspace is made from, besides the workspace itself. */
export interface CreateSetting {
  readonly container: string
  readonly image: string
  readonly volumes: VolumeNames
  readonly entries: readonly string[]
  readonly network: string
  readonly instance: string
  readonly restartPolicy: string
  readonly env: Env
}

export const AGENT_PORT_KEY: string = `${AGENT_PORT}/tcp`

/** The container of a workspace. */
export function createBody(workspace: Workspace, setting: CreateSetting): ContainerCreateBody {
  const rights = tierRights(workspace.tier ?? 2, setting.env)
  return {
    Image: setting.image,
    Env: setting.entries,
    Labels: workspaceLabels(workspace.id, setting.instance),
    ExposedPorts: { [AGENT_PORT_KEY]: {} },
    HostConfig: {
      Mounts: workspaceMounts(workspace, setting.volumes, rights).map((mount) => ({ ...mount })),
      RestartPolicy: { Name: setting.restartPolicy },
      ...limits(rights),
      ...network(rights, setting.network),
    },
    // The host's network takes neither endpoints nor published ports.
    ...(rights.hostNetwork
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [setting.network]: { Aliases: [setting.container] } } } }),
  }
}

function limits(rights: TierRights): object {
  return {
    Memory: rights.memory,
    NanoCpus: rights.nanoCpus,
    ...(rights.pids === undefined ? {} : { PidsLimit: rights.pids }),
    ...(rights.sandboxed ? { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'rw,noexec,nosuid,size=64m' } } : {}),
    ...(rights.privileged ? { Privileged: true } : {}),
    ...(rights.hostPid ? { PidMode: 'host' } : {}),
  }
}

function network(rights: TierRights, name: string): object {
  if (rights.hostNetwork) return { NetworkMode: 'host' }
  return { NetworkMode: name, PortBindings: { [AGENT_PORT_KEY]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }
}
