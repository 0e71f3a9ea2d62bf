import { printable } from '../../base/errors.ts'
import { shortDigest } from '../../base/reference.ts'
import type { RefreshReport } from '../report.ts'
import { RUNTIMES, type Target } from '../target.ts'

// The words of the system that this service follows: its operators grep for them.

/** `image-auto-refresh: started (interval=5m0s, runtimes=8)` */
export function startLine(interval: number, targets: readonly Target[]): string {
  const noun = targets.every(({ label }) => RUNTIMES.includes(label)) ? 'runtimes' : 'images'
  const what = targets.length === 0 ? 'images=those of the containers' : `${noun}=${targets.length}`
  return `image-auto-refresh: started (interval=${goDuration(interval)}, ${what})`
}

/** `image-auto-refresh: hermes digest moved sha256:… → sha256:…, refreshing` */
export function movedLine(target: string, before: string | undefined, after: string): string {
  return `image-auto-refresh: ${target} digest moved ${shortDigest(before ?? 'none')} → ${shortDigest(after)}, refreshing`
}

/** `image-auto-refresh: hermes pulled=[…] recreated=[…] failed=[…]` */
export function doneLine({ pulled, recreated, failed }: RefreshReport): string {
  return `image-auto-refresh: pulled=${goList(pulled)} recreated=${goList(recreated)} failed=${goList(failed)}`
}

/** What went wrong in a refresh, a line for each image and container. */
export function troubleLines({ images, containers }: RefreshReport): string[] {
  const failed = images.flatMap(({ target, error }) => (error === undefined ? [] : [[target, error.message] as const]))
  const moved = containers.flatMap(({ name, outcome, reason = '' }) =>
    outcome === 'failed' || outcome === 'rolled-back' ? [[name, `${outcome}: ${reason}`] as const] : [],
  )
  return [...failed, ...moved].map(
    ([subject, why]) => `image-auto-refresh: ${subject} refresh failed: ${printable(why)}`,
  )
}

/**
 * `workspace-images/refresh: pulled=1 failed=0 recreated=2 (GHCR_USER/GHCR_TOKEN auth)`
 *
 * @param sources where the credentials came from, as the credential chain names them
 */
export function summaryLine(report: RefreshReport, sources: readonly string[]): string {
  const { pulled, failed, recreated } = report
  const auth = [...new Set(sources.map(authWords))].join(', ')
  return `workspace-images/refresh: pulled=${pulled.length} failed=${failed.length} recreated=${recreated.length} (${auth})`
}

function authWords(source: string): string {
  if (source.startsWith('anonymous')) return 'no GHCR auth (public images only)'
  return source.startsWith('GHCR_USER') ? 'GHCR_USER/GHCR_TOKEN auth' : `${printable(source, 200)} auth`
}

/** Milliseconds as Go prints durations: `5m0s`, `30s`, `1h0m0.5s`. */
export function goDuration(ms: number): string {
  const total = ms / 1000
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)]
  const seconds = `${Number((total % 60).toFixed(3))}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

function goList(texts: readonly string[]): string {
  return `[${texts.join(' ')}]`
}
