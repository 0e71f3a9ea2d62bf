import assert from 'node:assert/strict'
import { test } from 'node:test'

import { formatReference, parseReference } from '../../lib/base/reference.ts'

test('a one-word name is on the Hub, in library/, tagged latest', () => {
  assert.equal(formatReference(parseReference('nginx')), 'docker.io/library/nginx:latest')
})
