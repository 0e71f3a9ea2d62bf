import assert from 'node:assert/strict'
import { test } from 'node:test'

import { enginePlatform, workspacePlatform } from '../../lib/refresh/platform.ts'

for (const [configured, platform, arch, expected] of [
  [undefined, 'linux', 'x64', undefined],
  [undefined, 'linux', 'arm64', undefined],
  [undefined, 'darwin', 'x64', undefined],
  [undefined, 'darwin', 'arm64', 'linux/amd64'],
  ['', 'darwin', 'arm64', undefined],
  ['  ', 'darwin', 'arm64', undefined],
  ['linux/arm64', 'darwin', 'arm64', 'linux/arm64'],
  [' linux/arm64\n', 'linux', 'x64', 'linux/arm64'],
] as const) {
  test(`with MOLECULE_IMAGE_PLATFORM ${JSON.stringify(configured)} on ${platform} ${arch}: ${expected ?? "the engine's own"}`, () => {
    assert.equal(workspacePlatform({ MOLECULE_IMAGE_PLATFORM: configured }, { platform, arch }), expected)
  })
}

for (const [OSType, Architecture, expected] of [
  ['linux', 'x86_64', 'linux/amd64'],
  ['linux', 'aarch64', 'linux/arm64'],
  ['linux', 'i686', 'linux/386'],
  ['linux', 'armv7l', 'linux/arm/v7'],
  ['linux', 'amd64', 'linux/amd64'],
  ['linux', 's390x', 'linux/s390x'],
  ['windows', 'x86_64', 'windows/amd64'],
  ['', '', undefined],
] as const) {
  test(`an engine of ${OSType} on ${Architecture} takes images for ${expected ?? 'nobody knows what'}`, () => {
    assert.equal(enginePlatform({ OSType, Architecture }), expected)
  })
}
