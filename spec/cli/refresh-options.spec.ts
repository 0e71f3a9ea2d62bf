import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { refreshOptions, type RefreshFlags } from '../../lib/cli/refresh-options.ts'
import { RUNTIMES } from '../../lib/refresh/target.ts'

const labels = (flags: RefreshFlags, env = {}): string[] => refreshOptions(flags, env).targets.map(({ label }) => label)
const refused = (flags: RefreshFlags): string => {
  try {
    refreshOptions(flags, {})
    return 'not refused'
  } catch (error) {
    assert.ok(hasCode(error, 'INPUT_INVALID', 'REF_INVALID'))
    return error.message
  }
}

test('without a word on images or containers it is the workspace runtimes and their containers', () => {
  const options = refreshOptions({}, {})
  assert.deepEqual(
    options.targets.map(({ label }) => label),
    RUNTIMES,
  )
  assert.deepEqual(options.selection, { namePrefix: 'ws-' })
  assert.equal(options.targets[0]?.ref.registry, 'ghcr.io')
})

test('single runtimes are taken in the order given, with the registry of the environment', () => {
  const { targets, selection } = refreshOptions(
    { runtime: ['hermes', 'crewai'] },
    { MOLECULE_IMAGE_REGISTRY: '127.0.0.1:5001/acme' },
  )
  assert.deepEqual(
    targets.map(({ label, ref }) => `${label} ${ref.registry}`),
    ['hermes 127.0.0.1:5001', 'crewai 127.0.0.1:5001'],
  )
  assert.deepEqual(selection, { namePrefix: 'ws-' })
})

test('a selection alone means the images that its containers use', () => {
  for (const flags of [{ name: ['a'] }, { namePrefix: 'a' }, { label: ['a=b'] }, { all: true }])
    assert.deepEqual(labels(flags), [], JSON.stringify(flags))
  assert.deepEqual(refreshOptions({ name: ['a'], label: ['k=v'], namePrefix: 'p', all: true }, {}).selection, {
    names: ['a'],
    labels: ['k=v'],
    namePrefix: 'p',
    all: true,
  })
})

test('images go with a selection, and runtimes may be added', () => {
  assert.deepEqual(labels({ image: ['nginx', 'redis:7'], all: true }), ['nginx', 'redis:7'])
  assert.deepEqual(labels({ image: ['nginx'], runtime: ['hermes'], namePrefix: 'x' }), ['hermes', 'nginx'])
})

test('images without a word on which containers are refused, unless nothing is recreated', () => {
  assert.match(refused({ image: ['nginx'] }), /--name, --name-prefix, --label or --all, or --no-recreate/)
  assert.deepEqual(labels({ image: ['nginx'], recreate: false }), ['nginx'])
})

test('a bad reference and an unknown runtime are refused before anything is asked', () => {
  assert.match(refused({ image: ['Acme/X'], all: true }), /must be lower case/)
  assert.match(refused({ image: [''], all: true }), /empty/)
  assert.match(refused({ runtime: ['nope'] }), /known are claude-code/)
})

test('seconds become milliseconds, and what is not given is not set', () => {
  const options = refreshOptions({ stableFor: 2.5, healthTimeout: 30, pullTimeout: 0 }, {})
  assert.deepEqual(options.gate, { stableFor: 2500, healthTimeout: 30_000 })
  assert.equal(options.pullTimeout, 0)
  const unset = refreshOptions({}, {})
  assert.deepEqual(unset.gate, { stableFor: undefined, healthTimeout: undefined })
  assert.deepEqual([unset.pullTimeout, unset.concurrency, unset.dryRun], [undefined, undefined, undefined])
})

test('the rest is passed on', () => {
  const flags = {
    recreate: false,
    strategy: 'remove',
    order: 'start-first',
    concurrency: 9,
    allowNoRollback: true,
    keepChanges: true,
    cleanup: { keep: 2 },
    retry: true,
    dryRun: true,
  } as const
  const options: Record<string, unknown> = { ...refreshOptions(flags, {}) }
  for (const [name, value] of Object.entries(flags)) assert.deepEqual(options[name], value, name)
})

test('a platform is that of the flag, else for runtimes that of the environment', () => {
  const env = { MOLECULE_IMAGE_PLATFORM: 'linux/arm64' }
  assert.equal(refreshOptions({ platform: 'linux/s390x' }, env).platform, 'linux/s390x')
  assert.equal(refreshOptions({}, env).platform, 'linux/arm64')
  assert.equal(refreshOptions({ image: ['nginx'], all: true }, env).platform, undefined)
})
