import { html } from 'hono/html'

/** Escaped HTML. */
export type Html = ReturnType<typeof html>

/** A word with the colour of its kind, and what explains it. */
export function badge(kind: string, text: string, detail = ''): Html {
  return html`<span class="badge ${kind}">${text}</span
    >${detail === '' ? '' : html` <span class="detail">${detail}</span>`}`
}
