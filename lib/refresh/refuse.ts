import { isHelper, type HandOver } from './helper.ts'
import type { Lifeline } from './lifeline.ts'
import { isTemporaryName, nextName } from './marks.ts'
import { stateOf, type Seen } from './container.ts'

export interface RefusalOptions {
  /** Replace containers that the engine deletes when they stop, although there is no way back then. */
  readonly allowNoRollback?: boolean | undefined
  /** Do not replace what has something in its writable layer that the image has not. It takes a call for each container. */
  readonly keepChanges?: boolean | undefined
  /** Full id of the container that this process runs in. */
  readonly selfId?: string | undefined
  /** What this process stands on, where that was found out. */
  readonly lifeline?: Lifeline | undefined
  /** The own container is handed over to a helper, and so not refused. */
  readonly handOver?: HandOver | undefined
}

const MAX_NAME = 255

/** Why a container is not to be replaced, or `undefined`. Judged before anything is touched. */
export function refusal(seen: Seen, options: RefusalOptions = {}): string | undefined {
  const { Labels } = seen.view.Config
  const state = stateOf(seen)
  if (isTemporaryName(seen.name))
    return 'a replacement of it is under way: "dockline recover" ends one that was left behind'
  if (state === 'removing' || state === 'dead') return `it is ${state}`
  const held = options.lifeline?.held.get(seen.id)
  if (held !== undefined) return held
  if (isHelper(seen)) return 'it is a helper of dockline, and goes by itself'
  const own = seen.id === (options.lifeline?.self?.id ?? options.selfId)
  if (own && options.handOver === undefined) return selfReason(seen)
  const unit = Labels['PODMAN_SYSTEMD_UNIT']
  if (unit !== undefined) return `systemd unit ${unit} owns it: podman auto-update`
  if (Object.hasOwn(Labels, 'com.docker.swarm.task.id')) return 'it is a task of a swarm service: update the service'
  if (Labels['com.docker.compose.oneoff'] === 'True') return 'it is a one-off run of compose'
  if (seen.view.HostConfig.AutoRemove && options.allowNoRollback !== true) {
    return 'it has --rm, so its engine deletes it when it stops and there is no way back: --allow-no-rollback takes the risk'
  }
  if (nextName(seen.name).length > MAX_NAME) return 'its name is too long to take a suffix'
  return undefined
}

function selfReason({ name }: Seen): string {
  return `it is the container that dockline itself runs in: "dockline refresh --name ${name} --self" hands it over to a helper`
}
