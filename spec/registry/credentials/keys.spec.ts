import assert from 'node:assert/strict'
import { test } from 'node:test'

import { canonicalRegistry, findEntry } from '../../../lib/registry/credentials/keys.ts'
import { row } from '../../support/matrix.ts'

const match = (key: string, registry = 'ghcr.io'): string =>
  findEntry(new Map([[key, 1]]), registry) === undefined ? 'no match' : 'match'

row('F49', 'key https://ghcr.io for ghcr.io', 'match', () => match('https://ghcr.io'))
row('F49', 'key ghcr.io/ for ghcr.io', 'match', () => match('ghcr.io/'))
row('F49', 'key https://ghcr.io/v1/ for ghcr.io', 'match', () => match('https://ghcr.io/v1/'))
row('F49', 'key GHCR.IO for ghcr.io', 'no match', () => match('GHCR.IO'))
row('F49', 'key ghcr.io:443 for ghcr.io', 'no match', () => match('ghcr.io:443'))
row('F49', 'key ghcr.io for ghcr.io.evil.example', 'no match', () => match('ghcr.io', 'ghcr.io.evil.example'))
row('F49', 'key https://evil.example/ghcr.io for ghcr.io', 'no match', () => match('https://evil.example/ghcr.io'))
row('F49', 'key ftp://ghcr.io for ghcr.io', 'no match', () => match('ftp://ghcr.io'))

test('an exact key wins over one in an old form', () => {
  const entries = new Map([
    ['https://a.example/v1/', 'old'],
    ['a.example', 'exact'],
  ])
  assert.equal(findEntry(entries, 'a.example')?.[1], 'exact')
})

test('every name of Docker Hub finds the login of Docker Hub, its literal key first', () => {
  for (const key of ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'https://index.docker.io/v2/'])
    assert.equal(match(key, 'docker.io'), 'match', key)
  const both = new Map([
    ['docker.io', 'alias'],
    ['https://index.docker.io/v1/', 'literal'],
  ])
  assert.equal(findEntry(both, 'docker.io')?.[1], 'literal')
  assert.equal(canonicalRegistry('https://index.docker.io/v1/'), 'docker.io')
  assert.equal(canonicalRegistry('ghcr.io'), 'ghcr.io')
})
