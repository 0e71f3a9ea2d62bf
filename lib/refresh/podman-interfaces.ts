import { hasCode, isDockerError } from '../base/errors.ts'
import { stateOf, type RefreshEngine, type Seen } from './container.ts'
import { isNetworkless, networksOf } from './successor/networking.ts'

/**
 * What the report says where an interface of a container of podman is called otherwise than its successor's will be. podman
 * keeps the name that a network got when it was connected, `eth1` of one after another that was left, and shows it in no
 * inspect; its archive call sees `/sys` of a running container.
 */
export async function interfaceNote(
  { containers }: Pick<RefreshEngine, 'containers'>,
  old: Seen,
): Promise<string | undefined> {
  const count = Object.keys(networksOf(old.raw)).length
  if (stateOf(old) !== 'running' || count === 0 || isNetworkless(old.view.HostConfig.NetworkMode)) return undefined
  const last = `eth${count - 1}`
  try {
    await containers.archiveInfo(old.id, { path: `/sys/class/net/${last}` })
    return undefined
  } catch (error) {
    // A proxy before the socket may not let this through.
    if (!isDockerError(error)) throw error
    return hasCode(error, 'NOT_FOUND')
      ? `NetworkSettings: it has no interface ${last}, so one of its interfaces has another name, which podman does not show: those of the new container are called eth0 and on`
      : undefined
  }
}
