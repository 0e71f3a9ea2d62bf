import { html } from 'hono/html'

import type { Html } from './badge.ts'

/** The page before anybody has said who he is: no data. */
export function shell(): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>dockline</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/page.css" />
        <script type="module" src="/page.js"></script>
      </head>
      <body>
        <header>
          <h1>dockline</h1>
          <p>image refresh</p>
          <button id="leave" type="button" class="plain" hidden>Forget token</button>
        </header>
        <main>
          <form id="enter" class="card">
            <label for="token">Admin token</label>
            <div class="row">
              <input id="token" type="password" autocomplete="off" spellcheck="false" required autofocus />
              <button type="submit">Show</button>
            </div>
            <p class="quiet">It is kept in the memory of this page only, and is gone when you leave it.</p>
          </form>
          <div id="actions" class="row" hidden>
            <button id="plan" type="button" class="plain">Plan</button>
            <button id="refresh" type="button">Refresh now</button>
          </div>
          <p id="status" role="status"></p>
          <section id="live" class="card" aria-labelledby="live-title" hidden>
            <h2 id="live-title">Running</h2>
            <div id="pulls"></div>
            <ol id="events" role="log" aria-live="polite"></ol>
          </section>
          <div id="overview"></div>
        </main>
        <noscript
          ><p>This page needs JavaScript: the token is sent in a header, which a plain form cannot do.</p></noscript
        >
      </body>
    </html>`
}
