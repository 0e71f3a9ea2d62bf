import assert from 'node:assert/strict'
import { test } from 'node:test'

import { planOf } from '../../support/container.ts'

test('1 the successor is made from the reference of the container, not from an id', () => {
  const plan = planOf({ Config: { Image: 'ghcr.io/acme/app' } })
  assert.equal(plan.body.Image, 'ghcr.io/acme/app')
})

test("1 of an untouched container only what the engine restates is planned: the image's share comes from the new one", () => {
  for (const recording of ['docker-20.10', 'docker-28.5'] as const) {
    const { HostConfig: _, NetworkingConfig: __, ...config } = planOf({}, { recording }).body
    assert.deepEqual(config, {
      Domainname: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Env: [],
      Labels: {},
      Image: 'acme/app:latest',
    })
  }
})

const told = (platform: Record<string, string>): string | undefined =>
  planOf({ top: { ImageManifestDescriptor: { digest: 'sha256:x', platform } } }).platform

test('36 the platform of the running manifest is asked for again where the engine tells it, else none', () => {
  assert.equal(told({ os: 'linux', architecture: 'arm64', variant: 'v8' }), 'linux/arm64/v8')
  assert.equal(told({ os: 'linux', architecture: 'amd64' }), 'linux/amd64')
  assert.equal(told({ os: 'linux', architecture: 'amd64', variant: '' }), 'linux/amd64')
  assert.equal(told({ os: 'linux' }), undefined)
  assert.equal(planOf().platform, undefined)
})

test('planning changes nothing of what it reads', () => {
  const change = { Config: { Env: ['A=1'], Labels: { a: 'b' } }, HostConfig: { Links: ['/db:/ws-1/db'] } }
  const before = structuredClone(change)
  planOf(change)
  assert.deepEqual(change, before)
})

test('planning twice gives the same body', () => {
  assert.deepEqual(planOf().body, planOf().body)
})
