import { formatReference } from '../../base/reference.ts'
import type { RefreshReport } from '../report.ts'
import type { Look } from './look.ts'
import type { Memory } from './memory.ts'
import { INTERVAL, JITTER, LONGEST_PAUSE } from './options.ts'

/**
 * Learns from a refresh how patient to be. What it left as it is, although nothing failed, is not tried again until its
 * tag moves; that the engine pulled something else than the registry has counts as a failure.
 */
export function learnFrom(
  report: RefreshReport,
  { target, local, remote, behind }: Look,
  memory: Memory,
  begun: number,
  interval: number = INTERVAL,
): void {
  const ref = formatReference(target.ref)
  const image = report.images.find((one) => one.ref === ref)
  if (image === undefined || report.interrupted) return
  const own = new Set(local.users.map(({ candidate }) => candidate.seen.id))
  const containers = report.containers.filter(({ id }) => own.has(id))
  const failed =
    image.outcome === 'failed' ||
    (image.digest !== null && image.digest !== remote?.digest) ||
    containers.some(({ outcome }) => outcome === 'failed' || outcome === 'rolled-back')
  memory.refreshed(failed, begun, interval * (1 - JITTER), Math.max(LONGEST_PAUSE, interval))
  if (failed) return
  memory.outgrow([...new Set(behind.flatMap(({ digests }) => digests))])
  memory.leave(target.ref.repository)
  for (const { id, outcome } of containers) if (outcome === 'current' || outcome === 'skipped') memory.leave(id)
}
