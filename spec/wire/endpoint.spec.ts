import assert from 'node:assert/strict'
import { test } from 'node:test'

import { endpointUrl } from '../../lib/wire/endpoint.ts'
import { parseHost } from '../../lib/wire/host.ts'

for (const url of [
  'unix:///var/run/docker.sock',
  'npipe:////./pipe/docker_engine',
  'tcp://127.0.0.1:2375',
  'tcp://[::1]:2375',
  'ssh://example.org',
  'ssh://me@example.org:2222',
  'ssh://me@example.org/run/user/1000/docker.sock',
]) {
  test(`${url} is shown as it was written`, () => {
    assert.equal(endpointUrl(parseHost(url, 'the spec')), url)
  })
}
