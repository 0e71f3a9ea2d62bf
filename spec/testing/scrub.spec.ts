import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createScrubber } from '../../lib/testing/scrub.ts'

const scrubber = createScrubber()
const text = (chunks: readonly string[]): string[] => chunks.map((chunk) => Buffer.from(chunk, 'base64').toString())

test('only headers of the allow-list pass', () => {
  const secret = { 'x-registry-auth': 'e30=', 'x-registry-config': 'e30=', authorization: 'Basic dTpw', cookie: 'a=b' }
  const { headers } = scrubber.request('POST', '/x', { ...secret, 'user-agent': 'x', accept: 'a/b' }, Buffer.alloc(0))
  assert.deepEqual(headers, { accept: 'a/b' })
  const response = scrubber.response(
    200,
    { 'set-cookie': 'a=b', date: 'now', 'content-length': '3', ostype: 'linux' },
    [],
  )
  assert.deepEqual(response.headers, { ostype: 'linux' })
})

test('a request keeps its path, its query decoded, and its JSON body as a value', () => {
  const body = Buffer.from('{"Image":"i","Env":["MY_TOKEN=t","A=b"],"HostConfig":{"Memory":9007199254740993}}')
  assert.deepEqual(scrubber.request('POST', '/v1.41/x?a=1&a=2&filters=%7B%22name%22%3A%5B%22n%22%5D%7D', {}, body), {
    method: 'POST',
    path: '/v1.41/x',
    query: { a: ['1', '2'], filters: ['{"name":["n"]}'] },
    headers: {},
    body: { Image: 'i', Env: ['MY_TOKEN=[scrubbed]', 'A=b'], HostConfig: { Memory: 9007199254740993n } },
  })
})

test('secrets in a query are told by the name of the parameter', () => {
  const { query } = scrubber.request(
    'POST',
    '/build?token=abc&t=img&buildargs=%7B%22A_TOKEN%22%3A%22x%22%7D',
    {},
    Buffer.alloc(0),
  )
  assert.deepEqual(query, { token: ['[scrubbed]'], t: ['img'], buildargs: ['{"A_TOKEN":"[scrubbed]"}'] })
})

test('a body that is not JSON is known by its hash only', () => {
  const { body } = scrubber.request('PUT', '/x', {}, Buffer.from('a tar'))
  assert.match(body as string, /^sha256:[0-9a-f]{64}$/)
})

test('an answer keeps its length and its chunks', () => {
  const { chunks } = scrubber.response(200, {}, [Buffer.from('{"Env":["A_TOKEN=ab'), Buffer.from('cd"]}')])
  assert.deepEqual(text(chunks), ['{"Env":["A_TOKEN=**', '**"]}'])
})

test('names of the machine are replaced in JSON, in paths and queries, but not where lengths are framed', () => {
  const own = createScrubber({
    replace: [
      ['build-host-7', 'host'],
      [/\/tmp\/\w+/, '/var/lib/docker'],
    ],
  })
  assert.deepEqual(own.request('GET', '/build-host-7?d=/tmp/xyz', {}, Buffer.alloc(0)), {
    method: 'GET',
    path: '/host',
    query: { d: ['/var/lib/docker'] },
    headers: {},
  })
  assert.deepEqual(text(own.response(200, {}, [Buffer.from('{"Name":"build-host-7"}')]).chunks), ['{"Name":"host"}'])
  assert.deepEqual(text(own.response(200, {}, [Buffer.from('\u0001build-host-7')]).chunks), ['\u0001build-host-7'])
})

test('a raw connection is masked in each direction, across its pieces', () => {
  const steps = scrubber.upgrade([
    { from: 'client', data: Buffer.from('A_TOKEN=ab') },
    { from: 'engine', data: Buffer.from('hi') },
    { from: 'client', data: Buffer.from('cd\n') },
    { from: 'client', data: undefined },
  ])
  assert.deepEqual(
    steps.map(({ from, data }) => [from, data === null ? null : Buffer.from(data, 'base64').toString()]),
    [
      ['client', 'A_TOKEN=**'],
      ['engine', 'hi'],
      ['client', '**\n'],
      ['client', null],
    ],
  )
})
