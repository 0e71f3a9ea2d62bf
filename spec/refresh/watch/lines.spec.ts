import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { RefreshReport } from '../../../lib/refresh/report.ts'
import { RUNTIMES, runtimeTarget } from '../../../lib/refresh/target.ts'
import { goDuration, movedLine, startLine, summaryLine, troubleLines } from '../../../lib/refresh/watch/lines.ts'
import { targets } from '../../support/watching.ts'

for (const [ms, text] of [
  [300_000, '5m0s'],
  [30_000, '30s'],
  [90_500, '1m30.5s'],
  [3_600_000, '1h0m0s'],
  [86_400_000, '24h0m0s'],
] as const) {
  test(`${ms} ms are ${text}, as Go prints them`, () => {
    assert.equal(goDuration(ms), text)
  })
}

test('the first line has the interval and the number of runtimes, or of images', () => {
  const runtimes = RUNTIMES.map((name) => runtimeTarget(name, {}))
  assert.equal(startLine(300_000, runtimes), 'image-auto-refresh: started (interval=5m0s, runtimes=8)')
  assert.match(startLine(60_000, targets('acme/a', 'acme/b')), /\(interval=1m0s, images=2\)$/)
  assert.match(startLine(60_000, []), /images=those of the containers\)$/)
})

test('a move without anything before is one from none', () => {
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
  const line = movedLine('hermes', undefined, digest)
  assert.equal(line, 'image-auto-refresh: hermes digest moved none → sha256:0123456789ab, refreshing')
})

const report = {
  pulled: ['a', 'b'],
  failed: ['c'],
  recreated: ['ws-1'],
  images: [{ target: 'c', error: { code: 'PULL_FAILED', message: 'no\u001b[31m space' } }],
  containers: [
    { name: 'ws-1', outcome: 'replaced' },
    { name: 'ws-2', outcome: 'rolled-back', reason: 'it exited' },
  ],
} as unknown as RefreshReport

for (const [sources, words] of [
  [['anonymous'], 'no GHCR auth (public images only)'],
  [['anonymous (GHCR_USER is set, GHCR_TOKEN is not)'], 'no GHCR auth (public images only)'],
  [['GHCR_USER and GHCR_TOKEN', 'GHCR_USER and GHCR_TOKEN'], 'GHCR_USER/GHCR_TOKEN auth'],
  [['GHCR_USER_FILE and GHCR_TOKEN_FILE'], 'GHCR_USER/GHCR_TOKEN auth'],
  [['auths of /etc/config.json', 'anonymous'], 'auths of /etc/config.json auth, no GHCR auth (public images only)'],
] as const) {
  test(`the summary of a refresh by ${sources.join(', ')} says "${words}"`, () => {
    assert.equal(summaryLine(report, sources), `workspace-images/refresh: pulled=2 failed=1 recreated=1 (${words})`)
  })
}

test('what failed is told with its reason, without control characters', () => {
  assert.deepEqual(troubleLines(report), [
    'image-auto-refresh: c refresh failed: no [31m space',
    'image-auto-refresh: ws-2 refresh failed: rolled-back: it exited',
  ])
})
