import assert from 'node:assert/strict'
import { test } from 'node:test'

import { workspacePlatform } from '../../lib/refresh/platform.ts'

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
