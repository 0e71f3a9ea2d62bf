import assert from 'node:assert/strict'
import { test } from 'node:test'

import { summary } from '../../lib/cli/summary.ts'
import type { ContainerReport, ImageReport, RefreshReport } from '../../lib/refresh/report.ts'

import { CONTROLS, ESCAPES } from '../support/terminal.ts'

const [OLD, NEW] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
const image = (extra: Partial<ImageReport> = {}): ImageReport => ({
  ref: 'ghcr.io/acme/app:latest',
  target: 'ghcr.io/acme/app',
  outcome: 'updated',
  before: OLD,
  after: NEW,
  digest: null,
  bytes: 204_100_000,
  ...extra,
})
const container = (extra: Partial<ContainerReport> = {}): ContainerReport => ({
  name: 'ws-1',
  id: 'c'.repeat(64),
  image: 'ghcr.io/acme/app',
  outcome: 'replaced',
  warnings: [],
  ...extra,
})
const report = (extra: Partial<RefreshReport> = {}): RefreshReport => ({
  pulled: [],
  failed: [],
  recreated: [],
  images: [],
  containers: [],
  matched: 1,
  recovered: [],
  cleaned: [],
  warnings: [],
  dryRun: false,
  interrupted: false,
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1234,
  ...extra,
})

test('images and containers stand in columns, and the last line counts', () => {
  const text = summary(
    report({
      pulled: ['a'],
      failed: ['b'],
      recreated: ['ws-1'],
      images: [image()],
      containers: [
        container({ downtimeMs: 412 }),
        container({ name: 'ws-22', outcome: 'skipped', reason: 'canary failed' }),
      ],
    }),
  )
  assert.equal(
    text,
    [
      'images',
      '  ghcr.io/acme/app  updated  sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb, 204.1 MB',
      '',
      'containers',
      '  ws-1   replaced  0.4 s down',
      '  ws-22  skipped   canary failed',
      '',
      'pulled=1 failed=1 recreated=1 in 1.2 s: 1 replaced, 0 current, 0 rolled back, 1 skipped, 0 failed',
      '',
    ].join('\n'),
  )
})

/** The third column of an image. */
const told = (extra: Partial<ImageReport>): string =>
  summary(report({ images: [image({ bytes: 0, target: 't', ...extra })] }))
    .split('\n')[1]
    ?.split(/ {2,}/)[3] ?? ''

test('an image tells what it was and is', () => {
  assert.equal(told({}), 'sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb')
  assert.equal(told({ before: null }), 'none → sha256:bbbbbbbbbbbb')
  assert.equal(told({ outcome: 'current', before: NEW }), 'sha256:bbbbbbbbbbbb')
  assert.equal(told({ after: null }), 'sha256:aaaaaaaaaaaa → to be pulled')
  assert.equal(told({ before: null, after: null }), 'to be pulled')
})

test('an image that failed tells the code and the reason', () => {
  const error = { code: 'CREDENTIALS_MISSING', message: 'cannot pull' } as const
  assert.equal(told({ outcome: 'failed', error }), 'CREDENTIALS_MISSING: cannot pull')
})

test('warnings follow their containers, what was recovered comes first, and no container is told as none', () => {
  const text = summary(
    report({
      containers: [container({ warnings: ['port 80 moved'] })],
      recovered: [{ name: 'ws-9', op: 'x', outcome: 'rolled-back' }],
    }),
  )
  assert.match(text, /^recovered\n {2}ws-9 {2}rolled-back\n\nimages\n/)
  assert.match(text, /\n {2}ws-1: port 80 moved\n/)
  assert.match(summary(report()), /none of the selected containers uses these images/)
})

test('a selection that matches nothing is said in words, with what was selected', () => {
  const text = summary(report({ matched: 0 }), { namePrefix: 'a-', labels: ['k=v'] })
  assert.match(text, /no container matches the selection: --name-prefix a- --label k=v \(matched: 0\)/)
})

test('the last line counts every outcome', () => {
  const outcomes = ['replaced', 'current', 'current', 'rolled-back', 'skipped', 'failed', 'removed'] as const
  const text = summary(report({ containers: outcomes.map((outcome) => container({ outcome })) }))
  assert.match(text, /: 1 replaced, 1 removed, 2 current, 1 rolled back, 1 skipped, 1 failed\n$/)
})

test('a plan says what it cannot tell', () => {
  const error = { code: 'CREDENTIALS_REJECTED', message: 'refused' } as const
  const text = summary(
    report({
      dryRun: true,
      images: [image({ outcome: 'unknown', after: null, error })],
      containers: [container({ outcome: 'unknown', reason: 'refused' })],
    }),
  )
  assert.match(text, /unknown {2}CREDENTIALS_REJECTED: refused/)
  assert.match(text, /plan: 0 of 1 containers would be moved, of 1 it cannot be told; nothing was changed\n$/)
})

test('a plan says what would be, and an interrupted run that it was', () => {
  const text = summary(report({ dryRun: true, containers: [container(), container({ outcome: 'current' })] }))
  assert.match(text, /would be replaced/)
  assert.match(text, /plan: 1 of 2 containers would be moved; nothing was changed\n$/)
  assert.match(summary(report({ interrupted: true })), /interrupted: pulled=0/)
})

test('E45 escapes in names, references, reasons and warnings reach no terminal', () => {
  const text = summary(
    report({
      images: [
        image({ target: ESCAPES }),
        image({ outcome: 'failed', error: { code: 'PULL_FAILED', message: ESCAPES } }),
      ],
      containers: [container({ name: ESCAPES, reason: ESCAPES, warnings: [ESCAPES] })],
      recovered: [{ name: ESCAPES, op: ESCAPES, outcome: 'failed', reason: ESCAPES }],
    }),
  )
  assert.doesNotMatch(text, CONTROLS)
  assert.doesNotMatch(text, /^fake: line/m)
})

test('a pinned image tells the digest that it is pinned to', () => {
  assert.equal(told({ outcome: 'pinned', before: null, after: null, digest: NEW }), 'sha256:bbbbbbbbbbbb')
})
