import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { connect } from '../../lib/engine/connect.ts'
import type { WireRequest } from '../../lib/wire/transport.ts'
import { MAX_API_VERSION } from '../../lib/wire/version.ts'
import { recordingTransport } from '../support/recording-transport.ts'
import { CALLS, type OperationCall } from './operation-calls.ts'

interface Operation {
  id: string
  method: string
  path: string
  query: string[]
  headers: string[]
  body: boolean
  /** Query parameters that only older versions have. */
  gone: string[]
}

const OPERATIONS = JSON.parse(readFileSync('fixtures/api/operations.json', 'utf8')) as Operation[]

const LEFT_OUT: Readonly<Record<string, string>> = {
  Session: 'the transport of BuildKit over gRPC, deprecated by API 1.53',
}

// Served by engines and not described (moby daemon/server/router): the log driver's details, credentials of three calls.
const UNDESCRIBED: Readonly<Record<string, readonly string[]>> = {
  ContainerLogs: ['details'],
}
const UNDESCRIBED_HEADERS: Readonly<Record<string, readonly string[]>> = {
  DistributionInspect: ['x-registry-auth'],
}

async function captured(call: OperationCall['call']): Promise<WireRequest> {
  const transport = recordingTransport()
  const docker = await connect({
    host: 'unix:///nowhere',
    apiVersion: MAX_API_VERSION,
    transport: () => transport,
  })
  await assert.rejects(drive(call(docker)), { code: 'NOT_FOUND' })
  const request = transport.requests.at(-1)
  assert(request !== undefined)
  return request
}

// Some calls are promises, some streams, some both.
async function drive(result: unknown): Promise<void> {
  if (typeof (result as PromiseLike<unknown>).then === 'function') await (result as PromiseLike<unknown>)
  else for await (const _ of result as AsyncIterable<unknown>) return
}

function queryOf(path: string): Record<string, string | string[]> {
  const params = new URL(path, 'http://engine').searchParams
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const values = params.getAll(name)
      return [name, values.length === 1 ? (values[0] as string) : values]
    }),
  )
}

function headerNames(request: WireRequest): string[] {
  return Object.keys(request.headers ?? {}).map((name) => name.toLowerCase())
}

// The tag of a push goes into its query.
const NAMED: Readonly<Record<string, string>> = { ImagePush: 'a/b' }

function pathOf({ id, path }: Operation): string {
  const version = id.startsWith('SystemPing') ? '' : `/v${MAX_API_VERSION}`
  return (
    version + path.replace('{id}', 'ID').replace('{name}', NAMED[id] ?? (path.startsWith('/volumes') ? 'ID' : 'a/b:1'))
  )
}

function checkBody(request: WireRequest, body: unknown): void {
  const type = request.headers?.['Content-Type']
  if (body === undefined) {
    assert.equal(request.body, undefined)
  } else if (body === 'tar') {
    assert.equal(type, 'application/x-tar')
    assert.equal(typeof (request.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator], 'function')
  } else {
    assert.equal(type, 'application/json')
    assert.deepEqual(JSON.parse(request.body as string), body)
  }
}

test('the description of the API has 108 operations, and each has a call or a reason', () => {
  assert.equal(OPERATIONS.length, 108)
  const known = [...Object.keys(CALLS), ...Object.keys(LEFT_OUT)]
  assert.deepEqual(known.toSorted(), OPERATIONS.map(({ id }) => id).toSorted())
})

for (const operation of OPERATIONS.filter(({ id }) => !(id in LEFT_OUT))) {
  test(`${operation.id} puts method, path, query, headers and body where the API describes them`, async () => {
    const calls = CALLS[operation.id] ?? []
    const requests = await Promise.all(calls.map(({ call }) => captured(call)))
    for (const [i, { query = {}, body }] of calls.entries()) {
      const request = requests[i] as WireRequest
      assert.equal(request.method, operation.method)
      assert.equal(request.path.split('?')[0], pathOf(operation))
      assert.deepEqual(queryOf(request.path), query)
      checkBody(request, body)
    }
    const used = new Set(requests.flatMap(({ path }) => Object.keys(queryOf(path))))
    const described = [...operation.query, ...operation.gone, ...(UNDESCRIBED[operation.id] ?? [])]
    assert.deepEqual([...used].toSorted(), described.toSorted(), 'every documented parameter, and none else')

    const sent = new Set(requests.flatMap(headerNames))
    const headers = [
      ...operation.headers.map((name) => name.toLowerCase()),
      ...(UNDESCRIBED_HEADERS[operation.id] ?? []),
    ]
    for (const header of headers) assert(sent.has(header), `no header ${header}`)
    const extra = [...sent].filter((name) => name.startsWith('x-registry') && !headers.includes(name))
    assert.deepEqual(extra, [])
    assert.equal(
      operation.body,
      calls.some(({ body }) => body !== undefined),
    )
  })
}

test('attaching asks for a raw connection and never sends a body', async () => {
  const request = await captured((docker) => docker.containers.attach('ID', { stdin: true, beforeStart: true }))
  assert.equal(request.upgrade, true)
  assert.equal(request.body, undefined)
})
