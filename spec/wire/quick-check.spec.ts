import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import fc from 'fast-check'
import * as z from 'zod/mini'
import type { $ZodType } from 'zod/v4/core'

import { isObject, type JsonValue } from '../../lib/base/json.ts'
import type { Exchange } from '../../lib/testing/exchange-file.ts'
import { MISFIT, quickCheck, type QuickCheck } from '../../lib/wire/quick-check.ts'
import { ENGINES, fixturesOf } from '../support/fixtures.ts'

const SCHEMAS = 'lib/engine/schema'
const OTHERS: readonly unknown[] = [null, true, 7, '', 'x', [], {}, [null], { a: null }]

/** Every schema of the engine's answers, by name. */
async function schemas(): Promise<Map<string, $ZodType>> {
  const found = new Map<string, $ZodType>()
  for (const file of readdirSync(SCHEMAS)) {
    const exported = (await import(pathToFileURL(join(SCHEMAS, file)).href)) as Record<string, unknown>
    for (const [name, value] of Object.entries(exported))
      if (typeof value === 'object' && value !== null && '_zod' in value) found.set(name, value as $ZodType)
  }
  return found
}

/** JSON that engines answered. */
function documents(): JsonValue[] {
  const texts = ENGINES.flatMap((engine) =>
    readdirSync(fixturesOf(engine)).flatMap((file) => {
      const { response } = JSON.parse(readFileSync(join(fixturesOf(engine), file), 'utf8')) as Exchange
      return Buffer.concat((response?.chunks ?? []).map((chunk) => Buffer.from(chunk, 'base64'))).toString()
    }),
  )
  return [...new Set(texts)].flatMap((text) => {
    try {
      return [JSON.parse(text) as JsonValue]
    } catch {
      return []
    }
  })
}

function agrees(name: string, schema: $ZodType, check: QuickCheck, value: unknown): boolean {
  const slow = z.safeParse(schema, structuredClone(value))
  const own = structuredClone(value)
  const quick = check(own)
  assert.equal(quick !== MISFIT, slow.success, `${name} of ${JSON.stringify(value)?.slice(0, 200)}`)
  if (slow.success) assert.deepEqual(quick, slow.data, name)
  else JSON.stringify(own, (_, left: unknown) => (assert.notEqual(typeof left, 'symbol'), left))
  return slow.success
}

test('every schema has a quick way, and it comes to what zod comes to, for every answer that was recorded', async () => {
  const all = documents()
  let right = 0
  for (const [name, schema] of await schemas()) {
    const check = quickCheck(schema)
    assert.ok(check !== undefined, name)
    for (const value of [...all, ...OTHERS]) if (agrees(name, schema, check, value)) right++
  }
  assert.ok(right > 100, `only ${right} were of the right shape`)
})

test('also when one member of an answer is another thing, or missing', async () => {
  const pairs: (readonly [string, $ZodType, JsonValue])[] = []
  const all = documents()
  for (const [name, schema] of await schemas())
    for (const value of all) if (z.safeParse(schema, structuredClone(value)).success) pairs.push([name, schema, value])
  const place = fc.nat({ max: pairs.length - 1 }) // a pair itself would be printed, all of it
  const other = fc.constantFrom(undefined, ...OTHERS)
  fc.assert(
    fc.property(place, fc.infiniteStream(fc.nat()), other, (at, path, other) => {
      const [name, schema, value] = pairs[at] as (typeof pairs)[number]
      agrees(name, schema, quickCheck(schema) as QuickCheck, spoilt(value, path, other))
    }),
    { numRuns: 2000 },
  )
})

// Goes down into the value along `path`, and puts `other` in the place that it comes to.
function spoilt(value: JsonValue, path: Iterator<number>, other: unknown): unknown {
  const whole = [structuredClone(value)] as unknown[]
  let holder: Record<string, unknown> | unknown[] = whole
  for (let depth = 0; ; depth++) {
    const keys = Object.keys(holder)
    const key = keys[(path.next().value as number) % keys.length] as string
    const next = (holder as Record<string, unknown>)[key]
    const deeper = (Array.isArray(next) || isObject(next)) && Object.keys(next).length > 0
    if (deeper && (depth === 0 || (path.next().value as number) % 4 !== 0)) {
      holder = next as Record<string, unknown>
      continue
    }
    if (other === undefined && !Array.isArray(holder)) delete holder[key]
    else (holder as Record<string, unknown>)[key] = other ?? null
    return whole[0]
  }
}

test('a schema with a part that it does not know has none', () => {
  assert.equal(quickCheck(z.object({ a: z.string() })), undefined)
  assert.equal(quickCheck(z.looseObject({ a: z.array(z.date()) })), undefined)
  assert.equal(quickCheck(z.string().check(z.minLength(3))), undefined)
})

test('members that nobody knows stay, also one called __proto__', () => {
  const check = quickCheck(z.looseObject({ a: z.string() })) as QuickCheck
  const value = JSON.parse('{"a":"x","__proto__":{"b":1}}') as object
  assert.deepEqual(Object.keys(check(value) as object), ['a', '__proto__'])
})
