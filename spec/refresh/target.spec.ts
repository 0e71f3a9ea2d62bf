import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { formatReference } from '../../lib/base/reference.ts'
import { RUNTIMES, imageTarget, runtimeRegistry, runtimeTarget } from '../../lib/refresh/target.ts'

test('every runtime has its template image in the registry of the runtimes', () => {
  assert.equal(RUNTIMES.length, 8)
  for (const runtime of RUNTIMES) {
    const { label, ref } = runtimeTarget(runtime, {})
    assert.equal(label, runtime)
    assert.equal(formatReference(ref), `ghcr.io/molecule-ai/workspace-template-${runtime}:latest`)
  }
})

test('another registry is taken from the environment, with or without a slash at its end; an empty one is none', () => {
  for (const [configured, expected] of [
    [undefined, 'ghcr.io/molecule-ai'],
    ['', 'ghcr.io/molecule-ai'],
    ['  ', 'ghcr.io/molecule-ai'],
    ['registry.example:5000/acme/', 'registry.example:5000/acme'],
    [' localhost:5001/a//\n', 'localhost:5001/a'],
  ] as const)
    assert.equal(runtimeRegistry({ MOLECULE_IMAGE_REGISTRY: configured }), expected)
  const { ref } = runtimeTarget('hermes', { MOLECULE_IMAGE_REGISTRY: '127.0.0.1:5001/acme' })
  assert.equal(formatReference(ref), '127.0.0.1:5001/acme/workspace-template-hermes:latest')
})

for (const runtime of [
  '',
  'HERMES',
  'hermes ',
  'hermes-evil',
  '../hermes',
  '__proto__',
  'constructor',
  'h'.repeat(10_000),
]) {
  test(`"${runtime.slice(0, 20)}" is no runtime, and the error names those that are`, () => {
    assert.throws(
      () => runtimeTarget(runtime, {}),
      (error: Error) => {
        assert.ok(hasCode(error, 'INPUT_INVALID'))
        assert.deepEqual(error.facts['knownRuntimes'], RUNTIMES)
        assert.match(error.message, /known are claude-code, langgraph/)
        return true
      },
    )
  })
}

test('a registry that cannot be one is refused before anything is asked', () => {
  assert.throws(
    () => runtimeTarget('hermes', { MOLECULE_IMAGE_REGISTRY: 'https://ghcr.io/acme' }),
    (error) => hasCode(error, 'REF_INVALID'),
  )
})

test('a reference is kept as it was written, and normalised beside', () => {
  const { label, ref } = imageTarget('nginx')
  assert.deepEqual([label, formatReference(ref)], ['nginx', 'docker.io/library/nginx:latest'])
  assert.throws(
    () => imageTarget('Acme/X'),
    (error) => hasCode(error, 'REF_INVALID'),
  )
})
