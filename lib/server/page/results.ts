import { html } from 'hono/html'

import type { ContainerReport, ImageReport, RefreshReport } from '../../refresh/index.ts'
import type { JobRecord } from '../schema/job.ts'
import { badge, type Html } from './badge.ts'
import { count, duration, shortId, when } from './text.ts'

const RESULTS: Readonly<Record<number, string>> = {
  200: 'all well',
  207: 'part failed',
  500: 'broke off',
  502: 'every pull failed',
  503: 'engine away or service stopped',
}

/** What came of a job. */
export function jobResult(job: JobRecord): Html {
  const { error } = job
  const { images, containers } = resultsOf(job)
  return html`${jobLine(job)} ${error === undefined ? '' : html`<p class="problem">${error.code}: ${error.message}</p>`}
    <ul class="results">
      ${images
        .filter(({ outcome }) => outcome !== 'current')
        .map((image) => html`<li><b class="mono">${image.target}</b> ${imageResult(image)}</li>`)}
      ${byName(containers).map((container) => html`<li><b>${container.name}</b> ${containerResult(container)}</li>`)}
    </ul>`
}

function resultsOf({ report, partial }: JobRecord): Pick<RefreshReport, 'images' | 'containers'> {
  return report ?? partial ?? { images: [], containers: [] }
}

function jobLine({ by, startedAt, endedAt, status = 0, clientLeft }: JobRecord): Html {
  const took = endedAt === undefined ? '' : `, ${duration(Date.parse(endedAt) - Date.parse(startedAt))}`
  return html`<p>
    ${badge(status === 200 ? 'current' : 'failed', RESULTS[status] ?? `status ${status}`)}
    <span class="quiet">${when(startedAt)}, asked for by ${by}${took}${clientLeft ? ', its client left' : ''}</span>
  </p>`
}

function imageResult({ outcome, before, after, error }: ImageReport): Html {
  if (outcome !== 'updated') return badge(outcome, outcome, error?.message)
  return html`${badge('updated', 'pulled')}
    <span class="mono">${[before, after].map((id) => (id === null ? 'none' : shortId(id))).join(' → ')}</span>`
}

function containerResult({ outcome, reason, downtimeMs }: ContainerReport): Html {
  const down = downtimeMs === undefined ? undefined : `${duration(downtimeMs)} down`
  return badge(outcome, outcome, [down, reason].filter((part) => part !== undefined).join(', '))
}

/** What came of the jobs before. */
export function earlierJobs(jobs: readonly JobRecord[]): Html {
  return html`<details>
    <summary>${count(jobs.length, 'earlier refresh', 'earlier refreshes')}</summary>
    ${jobs.map((job) => html`${jobLine(job)}${earlierResult(job)}`)}
  </details>`
}

// Of an earlier job only what changed.
function earlierResult(job: JobRecord): Html {
  const changed = resultsOf(job).containers.filter(({ outcome }) => outcome !== 'current' && outcome !== 'skipped')
  return html`<ul class="results">
    ${byName(changed).map((container) => html`<li><b>${container.name}</b> ${containerResult(container)}</li>`)}
  </ul>`
}

export function byName(containers: readonly ContainerReport[]): ContainerReport[] {
  return containers.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}
