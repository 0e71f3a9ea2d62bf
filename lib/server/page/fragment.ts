import { html } from 'hono/html'

import type { ContainerReport, ImageReport, RefreshReport } from '../../refresh/index.ts'
import type { Overview } from '../schema/overview.ts'
import type { WatcherState } from '../watcher.ts'
import { badge, type Html } from './badge.ts'
import { byName, earlierJobs, jobResult } from './results.ts'
import { count, shortId, when } from './text.ts'

/** The part of the page that has data: given only to who bears a token. Everything in it is escaped by the template. */
export function overviewFragment({ plan, runs, running, ended, watcher }: Overview): Html {
  const [last, ...earlier] = ended
  return html`<div id="data" data-running="${running?.id ?? ''}" data-summary="${summary(plan)}">
    <section aria-labelledby="containers">
      <h2 id="containers">Containers</h2>
      ${containerTable(plan.containers, runs)}
    </section>
    <section aria-labelledby="images">
      <h2 id="images">Images</h2>
      ${imageTable(plan.images)} ${watcher === undefined ? '' : watcherLine(watcher)}
    </section>
    <section aria-labelledby="last">
      <h2 id="last">Last refresh</h2>
      ${last === undefined ? html`<p class="quiet">None since this service started.</p>` : jobResult(last)}
      ${earlier.length === 0 ? '' : earlierJobs(earlier)}
    </section>
  </div>`
}

/** What there is to do, in a sentence. */
function summary({ images, containers, matched }: RefreshReport): string {
  const all = count(containers.length, 'container')
  const due = containers.filter(isDue).length
  const newer = images.filter(({ outcome }) => outcome === 'updated').length
  const left = containers.filter(({ outcome }) => outcome === 'skipped').length
  if (due > 0) return `A refresh would move ${due} of ${all}.`
  if (newer > 0) return `A refresh would pull ${count(newer, 'image')} and move no container.`
  if (left > 0) return `${left} of ${all} ${left === 1 ? 'is' : 'are'} left as they are.`
  const unknown = containers.filter(({ outcome }) => outcome === 'unknown').length
  if (unknown > 0) return `What a refresh would do with ${unknown} of ${all} cannot be told.`
  if (matched === 0) return 'No container matches the selection.'
  return containers.length === 0 ? 'No selected container uses these images.' : `${all}, all current.`
}

function isDue({ outcome }: ContainerReport): boolean {
  return outcome === 'replaced' || outcome === 'removed'
}

function containerTable(containers: readonly ContainerReport[], runs: Overview['runs']): Html {
  if (containers.length === 0) return html`<p class="quiet">None of the selected containers uses these images.</p>`
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Container</th>
        <th scope="col">Image</th>
        <th scope="col">Runs</th>
        <th scope="col">Next refresh</th>
      </tr>
    </thead>
    <tbody>
      ${byName(containers).map(
        (container) =>
          html`<tr>
            <th scope="row">${container.name}</th>
            <td data-label="Image" class="mono">${reference(container.image)}</td>
            <td data-label="Runs" class="mono id">${shortId(runs[container.id] ?? '–')}</td>
            <td data-label="Next refresh">${planned(container)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function planned(container: ContainerReport): Html {
  const { outcome, reason } = container
  return isDue(container) ? badge('due', `to be ${outcome}`, reason) : badge(outcome, outcome, reason)
}

function imageTable(images: readonly ImageReport[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Target</th>
        <th scope="col">Image id on the engine</th>
        <th scope="col">Digest in the registry</th>
      </tr>
    </thead>
    <tbody>
      ${images.map(
        (image) =>
          html`<tr>
            <th scope="row">${name(image)}</th>
            <td data-label="Image id on the engine" class="mono id">
              ${image.before === null ? 'none' : shortId(image.before)}
            </td>
            <td data-label="Digest in the registry">${inRegistry(image)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function name({ target, ref }: ImageReport): Html {
  return html`${target === ref ? '' : target}<span class="ref mono">${reference(ref)}</span>`
}

function inRegistry({ outcome, digest, warning, error }: ImageReport): Html {
  if (outcome === 'unknown') return badge('failed', 'unknown', error?.message)
  if (outcome === 'local') return badge('current', 'local', warning ?? 'not asked')
  if (warning !== undefined) return badge('failed', 'unknown', warning)
  if (digest === null) return html`<span class="quiet">not asked</span>`
  const known = { pinned: ['pinned', 'pinned'], current: ['current', 'the same'], updated: ['due', 'newer'] } as const
  const [kind, text] = outcome === 'failed' ? ['failed', 'failed'] : known[outcome]
  return html`${badge(kind, text)} <span class="mono id">${shortId(digest)}</span>`
}

// Where there is no room for all of it, it goes on in the next line behind a part.
function reference(ref: string): Html {
  return html`${ref.split(/(?<=[/:])/).map((part) => html`${part}<wbr />`)}`
}

function watcherLine({ failures, lookedAt }: WatcherState): Html {
  const since = lookedAt === null ? 'It has not seen all of them yet.' : `All was well at ${when(lookedAt)}.`
  if (failures === 0) return html`<p class="quiet">The watcher follows them. ${since}</p>`
  return html`<p class="problem">The watcher failed ${count(failures, 'time')} in a row. ${since}</p>`
}
