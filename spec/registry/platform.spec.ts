import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { fitness, parsePlatform } from '../../lib/registry/platform.ts'

// The offered platforms that run on the wanted one, the best first.
const running = (wanted: string, ...offered: string[]): string[] => {
  const fit = (name: string): number => fitness(parsePlatform(name), parsePlatform(wanted))
  return offered.filter((name) => fit(name) > 0).toSorted((a, b) => fit(b) - fit(a))
}

test('one platform has one meaning, whatever way it is written', () => {
  assert.deepEqual(parsePlatform('linux/x86_64'), parsePlatform('linux/amd64'))
  assert.deepEqual(parsePlatform('Linux/aarch64'), parsePlatform('linux/arm64/v8'))
  assert.deepEqual(parsePlatform('linux/arm64/8'), parsePlatform('linux/arm64'))
  assert.deepEqual(parsePlatform('linux/armhf'), parsePlatform('linux/arm/v7'))
})

test('a processor runs what was built for it or for an earlier variant, never for a later one', () => {
  assert.deepEqual(running('linux/arm/v7', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm/v5', 'linux/arm64'), [
    'linux/arm/v7',
    'linux/arm/v6',
    'linux/arm/v5',
  ])
  assert.deepEqual(running('linux/arm/v6', 'linux/arm/v7'), [])
  assert.deepEqual(running('linux/amd64/v3', 'linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'), [
    'linux/amd64/v2',
    'linux/amd64',
  ])
})

test('another operating system or architecture never fits, nor does an attestation', () => {
  assert.deepEqual(running('linux/amd64', 'windows/amd64', 'linux/386', 'unknown/unknown', 'linux/arm64'), [])
})

test('what is no platform is refused with the form to write', () => {
  for (const text of ['', 'linux', 'linux/', '/amd64', 'linux/amd64/v8/x', 'linux/amd 64', 'linux/amd64/v8\n']) {
    assert.throws(
      () => parsePlatform(text),
      (error) => hasCode(error, 'INPUT_INVALID'),
      text,
    )
  }
})
