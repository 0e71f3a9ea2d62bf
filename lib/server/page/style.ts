/** The style of the page, light and dark, for wide and narrow screens. */
export const PAGE_STYLE: string = `
:root {
  --paper: #f6f7f9; --card: #ffffff; --ink: #16202b; --quiet: #5b6875; --line: #dde2e8;
  --accent: #0b5cad; --on-accent: #ffffff; --good: #17663a; --good-bg: #def3e5;
  --due: #7a4b00; --due-bg: #fdeecb; --bad: #9f1d1d; --bad-bg: #fde3e1; --none: #44505c; --none-bg: #e8ecf0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10151b; --card: #19212a; --ink: #e7ecf1; --quiet: #9fabb8; --line: #2c3742;
    --accent: #6db3ff; --on-accent: #06182b; --good: #8be0ac; --good-bg: #143524;
    --due: #f5cd7a; --due-bg: #3c2d0c; --bad: #ffaaa3; --bad-bg: #451a19; --none: #b9c4cf; --none-bg: #28323c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
header { display: flex; align-items: center; gap: .75rem; min-height: 4rem; padding: .75rem max(1rem, calc(50vw - 33rem)); background: var(--card); border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--quiet); flex: 1; min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
h1 { margin: 0; font-size: 1.25rem; letter-spacing: -.01em; }
h2 { font-size: 1rem; margin: 0 0 .75rem; }
main { max-width: 68rem; margin: 0 auto; padding: 1.25rem 1rem 4rem; }
section, .card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem; margin: 0 0 1rem; }
form.card { max-width: 30rem; margin: 10vh auto 1rem; }
form.card:not([hidden]) ~ #status { max-width: 30rem; margin-inline: auto; padding-inline: 1.25rem; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
.row { display: flex; gap: .5rem; flex-wrap: wrap; }
input { flex: 1 1 12rem; font: inherit; padding: .55rem .7rem; border: 1px solid var(--quiet); border-radius: .5rem; background: var(--paper); color: inherit; min-width: 0; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .45rem 1.1rem; border: 1px solid var(--accent); border-radius: .5rem; background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.plain { background: transparent; color: var(--accent); }
header button { flex: none; min-height: 2.25rem; padding: .2rem .8rem; font-size: .9rem; }
button[aria-disabled='true'] { opacity: .55; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
#status { min-height: 1.75rem; margin: .9rem 0 1rem; font-size: 1.15rem; overflow-wrap: anywhere; }
form p:last-child, section > p:last-child { margin-bottom: 0; }
.quiet, .detail { color: var(--quiet); }
.problem { color: var(--bad); font-weight: 600; overflow-wrap: anywhere; }
.mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .87em; overflow-wrap: anywhere; }
.id { white-space: nowrap; }
.ref { display: block; font-weight: 400; color: var(--quiet); }
.detail { font-size: .9em; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .85em; font-weight: 600; white-space: nowrap; color: var(--none); background: var(--none-bg); }
.badge.current, .badge.replaced, .badge.removed, .badge.updated, .badge.committed { color: var(--good); background: var(--good-bg); }
.badge.due, .badge.skipped { color: var(--due); background: var(--due-bg); }
.badge.failed, .badge.rolled-back, .badge.unknown { color: var(--bad); background: var(--bad-bg); }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: baseline; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); }
thead th { border: 0; padding-top: 0; font-size: .85rem; font-weight: 600; color: var(--quiet); }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 10rem; }
.results { list-style: none; margin: 0; padding: 0; }
table + p { margin: .75rem 0 0; }
section > p { margin: 0 0 .5rem; }
details { margin-top: .75rem; border-top: 1px solid var(--line); padding-top: .75rem; }
summary { cursor: pointer; font-weight: 600; color: var(--accent); }
details p { margin: .75rem 0 0; }
.results li { padding: .3rem 0; overflow-wrap: anywhere; }
#events { list-style: none; margin: 0; padding: 0; max-height: 18rem; overflow-y: auto; font-size: .95rem; }
#events li { padding: .25rem 0; overflow-wrap: anywhere; }
#events b { margin-right: .35rem; }
#events .phase { color: var(--quiet); }
#events .phase::after { content: " → "; }
#events .phase:last-child { color: var(--ink); font-weight: 600; }
#events .phase:last-child::after { content: " …"; }
#pulls label { display: grid; grid-template-columns: minmax(8rem, 1fr) 2fr; gap: 1rem; align-items: center; font-weight: 400; overflow-wrap: anywhere; }
progress { width: 100%; height: .6rem; accent-color: var(--accent); }
[hidden] { display: none !important; }
@media (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr, tbody th, td { display: block; }
  tr { border-top: 1px solid var(--line); padding: .6rem 0; }
  tr:first-child { border-top: 0; padding-top: 0; }
  tbody th, td { border: 0; padding: .1rem 0; }
  td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); font: .875rem system-ui, "DejaVu Sans", sans-serif; }
  header p { visibility: hidden; }
  #actions button { flex: 1; }
}
`
