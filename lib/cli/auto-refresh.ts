import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/ports.ts'
import type { WatchOptions, WatchPorts } from '../refresh/watch/options.ts'
import { watch } from '../refresh/watch/watch.ts'
import type { RegistryClient } from '../registry/client.ts'
import type { Service } from '../server/service.ts'
import { APPEARING } from './commands/watch.ts'
import type { Line } from './session.ts'

export interface AutoRefreshPorts {
  readonly line: Line
  readonly registry: RegistryClient
  readonly service: Pick<Service, 'refresh' | 'asked' | 'looked'>
  readonly log: Log
}

const PAUSE = 30_000

/** Watches inside of the service, whose jobs its refreshes are, until the signal fires. A watch that gives up begins anew. */
export async function autoRefresh(
  { line, registry, service, log }: AutoRefreshPorts,
  options: WatchOptions,
): Promise<void> {
  const { signal } = options
  const ports: WatchPorts = {
    ...line.ports,
    log,
    registry: {
      digest: (ref, wanted) => service.asked(ref.registry, registry.digest(ref, wanted)),
      created: (ref, wanted) => service.asked(ref.registry, registry.created(ref, wanted)),
    },
    events: (ended) => line.docker.system.watch({ filters: APPEARING }, { signal: ended }),
    trigger: (targets) => service.refresh(targets, 'watch'),
  }
  const onTick: WatchOptions['onTick'] = ({ failures }) => service.looked(failures === 0)
  for (;;) {
    try {
      await watch(ports, { ...options, onTick })
      return
    } catch (error) {
      if (signal?.aborted === true) return
      service.looked(false)
      log.warn('image-auto-refresh: gave up, begins anew in 30 s', { error: messageOf(error) })
      await line.ports.clock.sleep(PAUSE, signal).catch(() => {})
    }
  }
}
