import { textAt, type JsonObject } from '../../base/json.ts'
import { isUp, needContainer, type Container } from './container.ts'
import { numberAt } from './fields.ts'
import { names } from './endpoints.ts'
import { emitContainer } from './events.ts'
import { policyOf } from './host-config.ts'
import { refuse, refuseIf } from './refusal.ts'
import type { World } from './world.ts'

/** `POST /containers/{id}/rename`: the new name is reserved before the old one is free. */
export function renameContainer(
  world: World,
  id: string,
  asked: string,
  isValid: (world: World, name: string) => boolean,
): void {
  const { words, family } = world.profile
  if (asked === '' && family === 'docker') refuse(words.emptyRename())
  const container = needContainer(world, id)
  const name = asked.replace(/^\//, '')
  if (name === container.name) {
    refuseIf(words.sameName())
    return
  }
  if (!isValid(world, name)) refuse(words.badRename(name))
  const holder = world.state.names.get(name)
  if (holder !== undefined) refuse(words.renameTaken(name, family === 'podman' ? container.id : holder))
  const before = container.name
  world.state.names.set(name, container.id)
  world.state.names.delete(before)
  container.name = name
  renameLinks(world, container, before)
  // A running container is published anew under its new name, on the default network too (moby daemon/rename.go).
  if (isUp(container)) for (const endpoint of container.endpoints.values()) names(world, container, endpoint)
  emitContainer(world, container, 'rename', { oldName: `/${before}` })
}

// Links are shown with the names of today.
function renameLinks(world: World, container: Container, before: string): void {
  for (const other of world.state.containers.values()) {
    const links = other.hostConfig['Links']
    if (!Array.isArray(links)) continue
    other.hostConfig['Links'] = links.map((link) =>
      typeof link === 'string'
        ? link
            .replace(new RegExp(`^/${before}:`), `/${container.name}:`)
            .replace(`:/${before}/`, `:/${container.name}/`)
        : link,
    )
  }
}

const POLICIES: ReadonlySet<string> = new Set(['no', 'always', 'unless-stopped', 'on-failure'])
const RESOURCES = [
  'BlkioWeight',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpuShares',
  'CpusetCpus',
  'CpusetMems',
  'Memory',
  'MemoryReservation',
  'MemorySwap',
  'NanoCpus',
  'PidsLimit',
]

/** `POST /containers/{id}/update`: the restart policy and resources, of which zero means "as it is". */
export function updateContainer(world: World, container: Container, body: JsonObject): void {
  const { words, family } = world.profile
  // podman sets a policy at every update, also when none was named.
  const policy = policyOf(body['RestartPolicy'], family === 'podman' ? 'no' : '')
  const name = textAt(policy, 'Name')
  if (name !== '') {
    if (!POLICIES.has(name)) refuse(words.badUpdatePolicy(name))
    if (numberAt(policy, 'MaximumRetryCount') !== 0 && name !== 'on-failure') refuse(words.badUpdateCount(name))
    if (container.hostConfig['AutoRemove'] === true && name !== 'no') refuseIf(words.autoRemovePolicy())
    container.hostConfig = { ...container.hostConfig, RestartPolicy: policy }
  }
  for (const key of RESOURCES) {
    const value = body[key]
    if (value === undefined || value === null || value === 0 || value === '') continue
    container.hostConfig = { ...container.hostConfig, [key]: value }
  }
  emitContainer(world, container, 'update')
}
