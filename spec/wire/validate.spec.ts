import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'

import * as z from 'zod/mini'

import { hasCode } from '../../lib/base/errors.ts'
import { containerInspect } from '../../lib/engine/schema/container-inspect.ts'
import { checkShape, type ValidationMessage } from '../../lib/wire/validate.ts'

const shape: z.ZodMiniType<{ Id: string; Size: number }> = z.looseObject({ Id: z.string(), Size: z.number() })
const where = { method: 'GET', path: '/images/x/json' }
const good = { Id: 'a', Size: 1, New: [1] }
const bad = { Id: 7, Size: 'hunter2' }

function published(run: () => void): ValidationMessage[] {
  const messages: ValidationMessage[] = []
  const listener = (message: unknown): void => void messages.push(message as ValidationMessage)
  subscribe('dockline:validate', listener)
  try {
    run()
  } finally {
    unsubscribe('dockline:validate', listener)
  }
  return messages
}

test('an answer of the right shape passes in every mode, with the fields that nobody knows', () => {
  for (const mode of ['off', 'warn', 'strict'] as const) {
    assert.deepEqual(
      published(() => assert.deepEqual(checkShape(shape, good, mode, where), good)),
      [],
    )
  }
})

test('off does not look', () => {
  assert.deepEqual(
    published(() => assert.equal(checkShape(shape, bad, 'off', where), bad)),
    [],
  )
})

test('warn passes the answer on as it came and publishes where it differs, without its values', () => {
  const messages = published(() => assert.equal(checkShape(shape, bad, 'warn', where), bad))
  assert.equal(messages.length, 1)
  assert.deepEqual([messages[0]?.method, messages[0]?.path], ['GET', '/images/x/json'])
  assert.deepEqual(
    messages[0]?.issues.map((issue) => issue.split(':')[0]),
    ['Id', 'Size'],
  )
  assert.doesNotMatch(JSON.stringify(messages), /hunter2/)
})

test('strict throws, naming the members that differ and not their values', () => {
  assert.throws(
    () => checkShape(shape, bad, 'strict', where),
    (error) =>
      hasCode(error, 'PROTOCOL_VIOLATION') &&
      /GET \/images\/x\/json.*Id: .*Size: /.test(error.message) &&
      !/hunter2/.test(error.message),
  )
  assert.throws(() => checkShape(shape, null, 'strict', where), /\(whole\): /)
})

test('of an answer that differs everywhere ten members are named', () => {
  const many = z.array(z.string()) as unknown as z.ZodMiniType<string[]>
  const messages = published(() => {
    checkShape(
      many,
      Array.from({ length: 1000 }, () => 1),
      'warn',
      where,
    )
  })
  assert.equal(messages[0]?.issues.length, 10)
})

test('in warn a member that differs leaves its neighbours normalised, at every depth', () => {
  const list = (item: z.ZodMiniType): z.ZodMiniType =>
    z.pipe(
      z.nullish(z.array(item)),
      z.transform((value) => value ?? []),
    )
  const nested = z.looseObject({
    Id: z.string(),
    Names: list(z.string()),
    Parts: list(z.looseObject({ Size: z.number(), Tags: list(z.string()) })),
    Any: z.union([z.string(), z.looseObject({ Of: z.number() })]),
  })
  const value = { Id: 7, Names: null, Parts: [{ Size: 'big', Tags: null }, 'odd', { Size: 1 }], Any: 3, New: null }
  assert.deepEqual(checkShape(nested, value, 'warn', where), {
    Id: 7,
    Names: [],
    Parts: [{ Size: 'big', Tags: [] }, 'odd', { Size: 1, Tags: [] }],
    Any: 3,
    New: null,
  })
})

test('an odd member of an inspect leaves its lists what their types say', () => {
  const odd = { Id: 'x', Name: 7, HostConfig: { CapAdd: null, Binds: null, Memory: 'lots' }, Mounts: null }
  const { HostConfig, Mounts } = checkShape(containerInspect, odd, 'warn', where)
  assert.deepEqual(HostConfig.Binds, [])
  assert.deepEqual(HostConfig.CapAdd, [])
  assert.equal(HostConfig.Memory, 'lots')
  assert.deepEqual(Mounts, [])
})

test('an answer that is something else altogether passes as it came', () => {
  assert.equal(checkShape(containerInspect, 'a page', 'warn', where), 'a page')
})
