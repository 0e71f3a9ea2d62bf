import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { WireRequest } from '../../../lib/wire/transport.ts'
import { APP, lab, type Lab } from './engines.ts'

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

async function ask({ engine }: Lab, method: WireRequest['method'], path: string, body?: string): Promise<Answered> {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
  const request = { method, path, headers, body, headersTimeout: 0, idleTimeout: 0 }
  const { status, headers: answered, body: chunks } = await engine.transport().request(request)
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return { status, headers: answered, text: Buffer.concat(all).toString('utf8') }
}

test('a version that is too new or too old is refused, and the refusal names the one that is spoken', async () => {
  const engine = await lab({ profile: '26' })
  for (const [version, word] of [
    ['1.99', 'too new'],
    ['1.20', 'too old'],
  ]) {
    const { status, headers, text } = await ask(engine, 'GET', `/v${version}/version`)
    assert.equal(status, 400)
    assert.equal(headers['api-version'], '1.45')
    assert.ok(text.includes(`client version ${version} is ${word}`), text)
  }
})

test('a path with dot segments is sent to its clean form, as Go does', async () => {
  const { status, headers } = await ask(await lab(), 'GET', '/v1.51/containers/%2e%2e/images/json')
  assert.equal(status, 301)
  assert.equal(headers['location'], '/v1.51/images/json')
})

test('a HEAD has the head of a GET and no body', async () => {
  const { status, headers, text } = await ask(await lab(), 'HEAD', '/_ping')
  assert.deepEqual([status, headers['api-version'], text], [200, '1.51', ''])
})

test('64-bit integers and labels that look like a prototype come back as they were sent', async () => {
  const engine = await lab()
  const body = `{"Image":"${APP}","Labels":{"__proto__":"a","constructor":"b"},"HostConfig":{"Memory":9007199254740993}}`
  assert.equal((await ask(engine, 'POST', '/containers/create?name=app', body)).status, 201)
  const { text } = await ask(engine, 'GET', '/containers/app/json')
  assert.match(text, /"Memory":9007199254740993\b/)
  assert.match(text, /"__proto__":"a"/)
  assert.match(text, /"constructor":"b"/)
})

test('null, an empty list and nothing stay apart where the engine keeps them apart', async () => {
  const engine = await lab()
  const body = JSON.stringify({ Image: APP, HostConfig: { Binds: [], MaskedPaths: [], CapAdd: null } })
  await ask(engine, 'POST', '/containers/create?name=app', body)
  const { HostConfig } = engine.engine.inspect('app') as { HostConfig: Record<string, unknown> }
  assert.deepEqual(HostConfig['Binds'], [])
  assert.deepEqual(HostConfig['MaskedPaths'], [])
  assert.equal(HostConfig['CapAdd'], null)
  assert.equal(HostConfig['CapDrop'], null)
})
