import { isDockerError } from '../base/errors.ts'
import { objectAt } from '../base/json.ts'
import type { Clock } from '../base/ports.ts'
import type { RefreshEngine, Seen } from './container.ts'
import { isOfPodman } from './successor/podman.ts'

// moby's and podman's default, in milliseconds.
const INTERVAL = 30_000

/**
 * Runs the health check of a podman container where nobody else does: podman leaves it to timers of systemd, and on a
 * machine without systemd, such as alpine, it says "starting" for ever.
 */
export function healthRunner(containers: RefreshEngine['containers'], clock: Clock): (seen: Seen) => Promise<void> {
  let last: number | undefined
  let logged = 0
  return async ({ id, raw, view }) => {
    if (!isOfPodman(raw) || view.State.Health?.Status !== 'starting') return
    const { Log } = objectAt(objectAt(raw, 'State'), 'Health')
    const entries = Array.isArray(Log) ? Log.length : 0
    if (entries > logged) return // somebody does
    const now = clock.monotonic()
    // The first at once, as podman's timers do it, and then by the interval.
    if (last !== undefined && now - last < (view.Config.Healthcheck?.Interval || INTERVAL * 1e6) / 1e6) return
    last = now
    await containers.runLibpodHealthcheck(id).catch((error: unknown) => {
      // It may have ended meanwhile: the next look tells.
      if (!isDockerError(error)) throw error
    })
    logged = Math.min(entries + 1, 5) // podman keeps five
  }
}
