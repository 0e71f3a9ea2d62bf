import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseReference } from '../../lib/base/reference.ts'
import type { Candidate } from '../../lib/refresh/candidates.ts'
import { planContainers, type Wanted } from '../../lib/refresh/plan.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import { ID, seen, type Change } from '../support/container.ts'

const TARGET = 'ghcr.io/molecule-ai/workspace-template-langgraph:latest'
const DIGEST = `sha256:${'a'.repeat(64)}`
const wantedOf = (imageId: string, extra: Partial<Wanted> = {}): Wanted => ({
  imageId,
  sameContent: () => false,
  ...extra,
})
const WANTED = new Map([[TARGET, wantedOf('sha256:new')]])

function candidate(reference: string, Image = 'sha256:old', change: Change = {}): Candidate {
  const container = seen({ ...change, top: { Image, ...change.top }, Config: { Image: reference, ...change.Config } })
  const ref = reference.startsWith('sha256:') ? undefined : parseReference(reference)
  return { seen: container, ref }
}

/** What is planned for one container: `action`, or `skip: reason`, or `not told of`. */
function planned(
  one: Candidate,
  targets: readonly string[] = [TARGET],
  wanted: ReadonlyMap<string, Wanted> = WANTED,
  options = {},
): string {
  const [item] = planContainers([one], targets.map(imageTarget), wanted, options)
  if (item === undefined) return 'not told of'
  return item.action === 'skip' ? `skip: ${item.reason}` : item.action
}

test('a container of the reference that runs another image is replaced, one that runs the image is current', () => {
  assert.equal(planned(candidate(TARGET)), 'replace')
  assert.equal(planned(candidate(TARGET, 'sha256:new')), 'current')
})

test('one that runs the same content under another id is current', () => {
  const wanted = new Map([[TARGET, wantedOf('sha256:new', { sameContent: () => true })]])
  assert.equal(planned(candidate(TARGET), [TARGET], wanted), 'current')
})

for (const lookAlike of [
  'ghcr.io/molecule-ai/workspace-template-langgraph-evil:latest',
  'ghcr.io/molecule-ai/workspace-template-langgrap:latest',
  'ghcr.io/molecule-ai/evil/workspace-template-langgraph:latest',
  'ghcr.io/molecule-ai2/workspace-template-langgraph:latest',
  'ghcr.io/evil-molecule-ai/workspace-template-langgraph:latest',
  'ghcr.io.evil.example/molecule-ai/workspace-template-langgraph:latest',
  'evil.example/ghcr.io/molecule-ai/workspace-template-langgraph:latest',
  'ghcr.io:443/molecule-ai/workspace-template-langgraph:latest',
  'molecule-ai/workspace-template-langgraph:latest',
  'docker.io/molecule-ai/workspace-template-langgraph:latest',
  'ghcr.io/molecule-ai/workspace-template-langgraph:latest2',
  'ghcr.io/molecule-ai/workspace-template-langgraph:LATEST',
  'ghcr.io/molecule-ai/workspace-template-langgraph:v1',
]) {
  test(`T16 ${lookAlike} looks like the target and is another image`, () => {
    assert.equal(planned(candidate(lookAlike)), 'not told of')
  })
}

test('the spellings of one reference are one', () => {
  const wanted = new Map([['docker.io/library/nginx:latest', wantedOf('sha256:new')]])
  for (const spelling of [
    'nginx',
    'nginx:latest',
    'library/nginx',
    'docker.io/nginx',
    'index.docker.io/library/nginx:latest',
  ]) {
    assert.equal(planned(candidate(spelling), ['nginx'], wanted), 'replace', spelling)
    assert.equal(planned(candidate('nginx'), [spelling], wanted), 'replace', spelling)
  }
  const implicit = TARGET.replace(':latest', '')
  assert.equal(planned(candidate(implicit)), 'replace')
})

test('a container that names a digest is told of as pinned, by its tag or as its own target, and left alone', () => {
  const pinned = candidate(`${TARGET}@${DIGEST}`)
  assert.equal(planned(pinned), 'skip: pinned to a digest')
  assert.equal(planned(pinned, [`${TARGET}@${DIGEST}`]), 'skip: pinned to a digest')
  assert.equal(planned(candidate(`${TARGET.replace(':latest', ':v1')}@${DIGEST}`)), 'not told of')
})

test('a container that was made from an image id follows no reference', () => {
  assert.equal(planned(candidate(DIGEST)), 'not told of')
})

test('where the image could not be pulled its containers are left alone', () => {
  assert.equal(planned(candidate(TARGET), [TARGET], new Map()), 'skip: its image could not be pulled')
})

test('an image that was rolled back before waits, unless the container runs it already', () => {
  const wanted = new Map([[TARGET, wantedOf('sha256:new', { failedBefore: true })]])
  assert.match(planned(candidate(TARGET), [TARGET], wanted), /^skip: this image was rolled back before.*--retry/)
  assert.equal(planned(candidate(TARGET, 'sha256:new'), [TARGET], wanted), 'current')
})

test('what must not be replaced is told of with the reason, and only when it is outdated', () => {
  const own = { selfId: ID }
  assert.match(planned(candidate(TARGET), [TARGET], WANTED, own), /^skip: it is the container that dockline itself/)
  assert.equal(planned(candidate(TARGET, 'sha256:new'), [TARGET], WANTED, own), 'current')
})

test('each container is planned for by the target that names its reference', () => {
  const other = 'ghcr.io/acme/other:1'
  const wanted = new Map([...WANTED, [other, wantedOf('sha256:old')]])
  const items = planContainers([candidate(other), candidate(TARGET)], [imageTarget(TARGET), imageTarget(other)], wanted)
  assert.deepEqual(
    items.map(({ action, target }) => `${target?.label} ${action}`),
    [`${other} current`, `${TARGET} replace`],
  )
})
