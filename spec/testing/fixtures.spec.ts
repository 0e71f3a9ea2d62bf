import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { isObject, parseJson, printJson } from '../../lib/base/json.ts'
import { loadExchanges, type Exchange } from '../../lib/testing/exchange-file.ts'
import { replay } from '../../lib/testing/replay.ts'
import { withReplay } from '../../lib/testing/with-replay.ts'
import { CANARIES, CANARY, base64Forms, leaks } from '../support/canary.ts'
import { CASES, REPLAYED, type FixtureCase } from '../support/fixture-cases.ts'
import { ENGINES, fixture, fixturesOf } from '../support/fixtures.ts'
import { ask } from '../support/raw-http.ts'

const STRICT = { connect: { validate: 'strict' } } as const

test('every case is recorded from every engine, and nothing else is', () => {
  assert.ok(ENGINES.length >= 4)
  for (const engine of ENGINES) {
    const files = readdirSync(fixturesOf(engine)).map((file) => file.replace(/\.json$/, ''))
    assert.deepEqual(files.toSorted(), CASES.map(({ name }) => name).toSorted(), engine)
  }
})

for (const engine of ENGINES) {
  for (const fixtureCase of CASES) {
    const { name, fails } = fixtureCase
    const promise = fails === undefined ? 'passes strict validation' : `is refused: ${fails.join(' or ')}`
    test(`${engine}: ${name} ${promise}`, checked(engine, fixtureCase))
  }

  for (const fixtureCase of CASES.filter(({ name }) => /^image-pull|logs$/.test(name))) {
    for (const chunkSize of [1, 7]) {
      test(
        `${engine}: ${fixtureCase.name} comes to the same in chunks of ${chunkSize}`,
        checked(engine, fixtureCase, chunkSize),
      )
    }
  }

  for (const chunkSize of [1, 2, 3, 7, 65_536, undefined]) {
    test(`${engine}: every answer replays byte for byte, ${chunkSize ?? 'as recorded'}`, async () => {
      const exchanges = await loadExchanges(fixturesOf(engine))
      await using served = await replay(exchanges, { chunkSize, strictOrder: true })
      const agent = new Agent({ keepAlive: true })
      for (const { request, response } of exchanges) {
        const body = request.body === undefined ? undefined : printJson(request.body)
        const recorded = response.chunks.map((chunk) => Buffer.from(chunk, 'base64'))
        const bytes = response.open === true ? Buffer.concat(recorded).length : Infinity
        const reply = await ask(served.socketPath, `${request.method} ${targetOf(request)}`, body, { agent, bytes })
        assert.equal(reply.status, response.status)
        assert.deepEqual(Buffer.concat(reply.chunks), Buffer.concat(recorded))
        if (chunkSize === 65_536) assert.equal(reply.chunks.length, Math.min(1, recorded.length))
      }
      agent.destroy()
      served.verify()
    })
  }
}

function checked(engine: string, fixtureCase: FixtureCase, chunkSize?: number): () => Promise<void> {
  const { name, reads, fails } = fixtureCase
  const run = withReplay(
    fixture(engine, name),
    async (docker) => {
      if (fails !== undefined) {
        await assert.rejects(Promise.resolve(fixtureCase.run(docker, REPLAYED)), (error) => hasCode(error, ...fails))
        return
      }
      const result = await fixtureCase.run(docker, REPLAYED)
      if (reads === true) assertSame(await lastAnswer(engine, name), result, name)
    },
    { ...STRICT, chunkSize },
  )
  return run
}

async function lastAnswer(engine: string, name: string): Promise<unknown> {
  const { response } = (await loadExchanges(fixture(engine, name))).at(-1) as Exchange
  return parseJson(Buffer.concat(response.chunks.map((chunk) => Buffer.from(chunk, 'base64'))).toString())
}

/** What was read is what was recorded, but for Go's nils: null or absent there, `undefined`, [] or {} here. */
function assertSame(recorded: unknown, read: unknown, where: string): void {
  if (isNil(recorded)) assert.ok(isEmpty(read), `${where} is made up: ${printJson(read)}`)
  else if (Array.isArray(recorded)) {
    assert.ok(Array.isArray(read), `${where} is no array`)
    assert.equal(read.length, recorded.length, where)
    for (const [i, item] of recorded.entries()) assertSame(item, read[i], `${where}[${i}]`)
  } else if (isObject(recorded)) {
    const object = read as Record<string, unknown>
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(object)]))
      assertSame(recorded[key], object[key], `${where}.${key}`)
  } else assert.deepEqual(read, recorded, where)
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined
}

function isEmpty(value: unknown): boolean {
  return (
    isNil(value) || (typeof value === 'object' && Object.values(value as object).every((member) => isEmpty(member)))
  )
}

function targetOf({ path, query }: Exchange['request']): string {
  const params = new URLSearchParams()
  for (const [name, values] of Object.entries(query)) for (const value of values) params.append(name, value)
  return params.size === 0 ? path : `${path}?${params.toString()}`
}

const SECRETS = [
  ...CANARIES,
  `${CANARY.username}:${CANARY.password}`,
  `wrong-${CANARY.password}`,
  's3cret',
  'not-a-real-token',
]

test('no fixture holds a secret of its recording, in no encoding', () => {
  for (const [file, text] of allFixtures()) assert.deepEqual(leaks(text, SECRETS), [], file)
})

test('no fixture holds a path of the machine that it was recorded on, nor a header with a credential', () => {
  const forbidden = /\/(?:tmp|home|root|Users)\/|"(?:x-registry-\w+|authorization|cookie|set-cookie)":/
  for (const [file, text] of allFixtures()) assert.equal(forbidden.exec(text)?.[0], undefined, file)
})

test('the search for secrets finds them raw, URL-encoded and in base64 wherever they begin', () => {
  for (const secret of SECRETS) {
    for (const form of [
      secret,
      encodeURIComponent(secret),
      ...['', 'u', 'us'].flatMap((prefix) => base64Forms(`${prefix}${secret}, and more`)),
    ])
      assert.notDeepEqual(leaks(`{"x":"${form}"}`, SECRETS), [], form)
  }
})

/** The text of each fixture, and of all that it holds in base64. */
function* allFixtures(): Generator<[file: string, text: string], void, undefined> {
  for (const name of readdirSync('fixtures', { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue
    const text = readFileSync(join('fixtures', name), 'utf8')
    const inside = Array.from(text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g), ([, base64 = '']) =>
      Buffer.from(base64, 'base64'),
    )
    yield [name, text + Buffer.concat(inside).toString('latin1')]
  }
}
