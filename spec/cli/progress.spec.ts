import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createProgress } from '../../lib/cli/progress.ts'
import type { RefreshEvent } from '../../lib/refresh/report.ts'
import { CONTROLS, ESCAPES, remembering } from '../support/terminal.ts'

const IMAGE: Extract<RefreshEvent, { type: 'image' }> = {
  type: 'image',
  image: { ref: 'r', target: 'hermes', outcome: 'updated', before: null, after: 'x', digest: null, bytes: 2_000_000 },
}
const PULL: Extract<RefreshEvent, { type: 'pull' }> = {
  type: 'pull',
  target: 'hermes',
  ref: 'r',
  current: 50,
  total: 100,
  status: 'Downloading',
}
const phase = (name: string, what: 'stop' | 'gate' | 'roll back'): RefreshEvent => ({
  type: 'phase',
  name,
  phase: what,
})
const done = (name: string, reason?: string): RefreshEvent => ({
  type: 'container',
  container: {
    name,
    id: 'x',
    image: 'r',
    outcome: reason === undefined ? 'replaced' : 'failed',
    reason,
    downtimeMs: 412,
    warnings: [],
  },
})

test('without a terminal each lasting event is a line, and single steps are none', () => {
  const { stream, text } = remembering()
  const progress = createProgress(stream, false)
  const recovered = { name: 'ws-9', op: 'x', outcome: 'rolled-back', reason: 'y' } as const
  for (const event of [
    { type: 'recovered', recovered } as const,
    PULL,
    IMAGE,
    phase('ws-1', 'stop'),
    phase('ws-1', 'gate'),
    done('ws-1'),
    phase('ws-2', 'roll back'),
    done('ws-2', 'it ended'),
  ])
    progress.show(event)
  progress.end()
  assert.equal(
    text(),
    [
      'ws-9: an earlier replacement was rolled-back (y)',
      'hermes: pulled (2.0 MB)',
      'ws-1: stop',
      'ws-1: replaced, 0.4 s down',
      'ws-2: roll back',
      'ws-2: failed, 0.4 s down: it ended',
      '',
    ].join('\n'),
  )
})

test('a quiet run writes nothing, on a terminal or elsewhere', () => {
  for (const terminal of [undefined, { columns: 80 }]) {
    const { stream, text } = remembering(terminal)
    const progress = createProgress(stream, true)
    for (const event of [PULL, IMAGE, phase('ws-1', 'stop'), done('ws-1')]) progress.show(event)
    progress.end()
    assert.equal(text(), '')
  }
})

test('on a terminal there is a bar, no line is wider than the terminal, and in the end only lasting lines are left', () => {
  const { stream, text } = remembering({ columns: 40 })
  const progress = createProgress(stream, false)
  progress.show(PULL)
  assert.match(text(), /hermes \[#{12}-{12}\]/)
  progress.show(IMAGE)
  progress.show(phase('ws-1', 'gate'))
  progress.show(done('ws-1'))
  progress.end()
  // eslint-disable-next-line no-control-regex -- the sequences that move the cursor and clear
  const shown = text().replace(/\u001b\[[0-9;]*[A-Z]/gi, '')
  assert.ok(
    shown.split('\n').every((line) => line.length < 40),
    shown,
  )
  assert.deepEqual(onScreen(text()), ['hermes: pulled (2.0 MB)', 'ws-1: replaced, 0.4 s down'])
})

/** What a terminal shows after these writes, which only move up and clear to the end. */
function onScreen(text: string): string[] {
  const lines: string[] = ['']
  // eslint-disable-next-line no-control-regex -- see above
  for (const token of text.match(/\u001b\[\d*[A-Z]|\n|[^\u001b\n]+/g) ?? []) {
    if (token === '\n') lines.push('')
    // eslint-disable-next-line no-control-regex -- see above
    else if (/\u001b\[\d+A/.test(token)) lines.length = Math.max(1, lines.length - Number(token.slice(2, -1)))
    else if (token === '\u001b[0J' || token === '\u001b[J') lines[lines.length - 1] = ''
    else lines[lines.length - 1] += token
  }
  return lines.filter((line) => line !== '')
}

test('E45 escapes in names and reasons reach no terminal and no log', () => {
  const hostile: readonly RefreshEvent[] = [
    { type: 'recovered', recovered: { name: ESCAPES, op: 'x', outcome: 'failed', reason: ESCAPES } },
    { ...PULL, target: ESCAPES },
    { ...IMAGE, image: { ...IMAGE.image, target: ESCAPES } },
    phase(ESCAPES, 'stop'),
    done(ESCAPES, ESCAPES),
  ]
  for (const terminal of [undefined, { columns: 200 }]) {
    const { stream, text } = remembering(terminal)
    const progress = createProgress(stream, false)
    for (const event of hostile) progress.show(event)
    progress.end()
    // eslint-disable-next-line no-control-regex -- what the progress itself writes to a terminal
    const shown = terminal === undefined ? text() : text().replace(/\u001b\[(?:\d+A|0?J)/g, '')
    assert.doesNotMatch(shown, CONTROLS)
    assert.doesNotMatch(shown, /^fake: line/m)
  }
})
