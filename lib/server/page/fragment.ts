import { html } from 'hono/html'

import type { ContainerReport, ImageReport } from '../../refresh/index.ts'
import type { JobRecord } from '../schema/job.ts'
import type { Overview, RegistryState } from '../schema/overview.ts'
import { duration, shortId, when } from './text.ts'

/** Escaped HTML. */
export type Html = ReturnType<typeof html>

/** The part of the page that has data: given only to who bears a token. Everything in it is escaped by the template. */
export function overviewFragment({ plan, registry, running, last }: Overview): Html {
  const due = plan.containers.filter(({ outcome }) => outcome === 'replaced' || outcome === 'removed').length
  const newer = registry.filter(({ state }) => state === 'newer').length
  const left = plan.containers.filter(({ outcome }) => outcome === 'skipped').length
  return html`<div id="data" data-running="${running?.id ?? ''}">
    <p class="lead">${lead(plan.containers.length, { due, newer, left })}</p>
    <section aria-labelledby="containers">
      <h2 id="containers">Containers</h2>
      ${containerTable(plan.containers, last)}
    </section>
    <section aria-labelledby="images">
      <h2 id="images">Images</h2>
      ${imageTable(plan.images, registry)}
    </section>
    <section aria-labelledby="last">
      <h2 id="last">Last refresh</h2>
      ${last === null ? html`<p class="quiet">None since this service started.</p>` : jobResult(last)}
    </section>
  </div>`
}

function lead(all: number, { due, newer, left }: { due: number; newer: number; left: number }): string {
  const containers = all === 1 ? '1 container' : `${all} containers`
  if (due > 0) return `A refresh would move ${due} of ${containers}.`
  if (newer > 0) return `The registry has newer images for ${newer === 1 ? '1 target' : `${newer} targets`}.`
  if (left > 0) return `${left} of ${containers} are left as they are.`
  return all === 0 ? 'No selected container uses these images.' : `${containers}, all current.`
}

function containerTable(containers: readonly ContainerReport[], last: JobRecord | null): Html {
  if (containers.length === 0) return html`<p class="quiet">None of the selected containers uses these images.</p>`
  const before = new Map((last?.report ?? last?.partial)?.containers.map((one) => [one.name, one]))
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Container</th>
        <th scope="col">Image</th>
        <th scope="col">Now</th>
        <th scope="col">Last result</th>
      </tr>
    </thead>
    <tbody>
      ${byName(containers).map(
        (container) =>
          html`<tr>
            <th scope="row">${container.name}</th>
            <td data-label="Image" class="mono">${container.image}</td>
            <td data-label="Now">${planned(container)}</td>
            <td data-label="Last result">${result(before.get(container.name))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function byName(containers: readonly ContainerReport[]): ContainerReport[] {
  return containers.toSorted((a, b) => a.name.localeCompare(b.name))
}

function planned({ outcome, reason }: ContainerReport): Html {
  if (outcome === 'replaced' || outcome === 'removed') return badge('due', `to be ${outcome}`, reason)
  return badge(outcome, outcome, reason)
}

function result(container: ContainerReport | undefined): Html {
  if (container === undefined) return html`<span class="quiet">–</span>`
  const { outcome, reason, downtimeMs } = container
  const down = downtimeMs === undefined ? undefined : `${duration(downtimeMs)} down`
  return badge(outcome, outcome, [down, reason].filter((part) => part !== undefined).join(', '))
}

function badge(kind: string, text: string, detail = ''): Html {
  return html`<span class="badge ${kind}">${text}</span
    >${detail === '' ? '' : html` <span class="detail">${detail}</span>`}`
}

function imageTable(images: readonly ImageReport[], registry: readonly RegistryState[]): Html {
  const remote = new Map(registry.map((state) => [state.ref, state]))
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Target</th>
        <th scope="col">On the engine</th>
        <th scope="col">In the registry</th>
      </tr>
    </thead>
    <tbody>
      ${images.map(
        ({ target, ref, before, after }) =>
          html`<tr>
            <th scope="row">${target === ref ? '' : target}<span class="ref mono">${ref}</span></th>
            <td data-label="On the engine" class="mono">${here(after ?? before)}</td>
            <td data-label="In the registry">${inRegistry(remote.get(ref))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

// What a plan would pull is not there yet.
function here(id: string | null): string {
  return id === null ? 'not pulled yet' : shortId(id)
}

function inRegistry(state: RegistryState | undefined): Html {
  if (state === undefined) return html`<span class="quiet">not asked</span>`
  if (state.digest === null) return badge('failed', 'unknown', state.error?.message)
  const [kind, text] = state.state === 'same' ? ['current', 'the same'] : ['due', 'newer']
  return html`${badge(kind, text)} <span class="mono">${shortId(state.digest)}</span>`
}

const RESULTS: Readonly<Record<number, string>> = {
  200: 'all well',
  207: 'part failed',
  500: 'broke off',
  502: 'every pull failed',
  503: 'engine away or service stopped',
}

/** What came of a job. */
export function jobResult({ by, startedAt, endedAt, status, report, error, partial, clientLeft }: JobRecord): Html {
  const images = (report ?? partial)?.images ?? []
  const containers = (report ?? partial)?.containers ?? []
  const took = endedAt === undefined ? '' : `, ${duration(Date.parse(endedAt) - Date.parse(startedAt))}`
  return html`<p>
      ${badge(status === 200 ? 'current' : 'failed', RESULTS[status ?? 0] ?? `status ${status ?? 'unknown'}`)}
      <span class="quiet">asked for by ${by} at ${when(startedAt)}${took}${clientLeft ? ', its client left' : ''}</span>
    </p>
    ${error === undefined ? '' : html`<p class="problem">${error.code}: ${error.message}</p>`}
    <ul class="results">
      ${images
        .filter(({ outcome }) => outcome !== 'current')
        .map(
          (image) =>
            html`<li>
              <b class="mono">${image.target}</b> ${badge(image.outcome, imageWord(image), image.error?.message)}
            </li>`,
        )}
      ${byName(containers).map((container) => html`<li><b>${container.name}</b> ${result(container)}</li>`)}
    </ul>`
}

function imageWord({ outcome, before, after }: ImageReport): string {
  if (outcome !== 'updated') return outcome
  return `${before === null ? 'none' : shortId(before)} → ${after === null ? 'none' : shortId(after)}`
}
