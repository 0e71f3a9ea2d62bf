import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { canonicalJson, isZero, objectAt, type JsonObject, type JsonValue } from '../../../lib/base/json.ts'
import type { ImageInspect } from '../../../lib/engine/schema/images.ts'
import { expectedConfig } from '../../../lib/refresh/successor/expected.ts'
import { successor } from '../../../lib/refresh/successor/successor.ts'
import { image, rawContainer, seen, type Overlay } from '../../support/container.ts'
import { engineMerge } from '../../support/engine-merge.ts'

test('what a body sets wins, what it leaves out comes from the image, and what it cannot set is not expected', () => {
  const body = { Image: 'x', Env: ['A=own'], Labels: { l: 'own' }, HostConfig: { Memory: 1 }, NetworkingConfig: {} }
  const { Config } = image({ Env: ['A=image', 'B=image'], Labels: { l: 'image', m: 'image' }, User: 'app' })
  const expected = expectedConfig(body, Config)
  assert.deepEqual(expected['Env'], ['A=own', 'B=image'])
  assert.deepEqual(expected['Labels'], { l: 'own', m: 'image' })
  assert.equal(expected['User'], 'app')
  assert.ok(!Object.hasOwn(expected, 'HostConfig') && !Object.hasOwn(expected, 'NetworkingConfig'))
})

// Values of users and of images never meet here: one that is equal to the old image's cannot be told from it.
const dictionary = (from: string, keys = ['A', 'B', '__proto__', 'constructor', '']): fc.Arbitrary<JsonObject> =>
  fc
    .uniqueArray(fc.constantFrom(...keys))
    .map((names) => Object.fromEntries(names.map((name) => [name, `${from} of ${name}`])))
const env = (from: string): fc.Arbitrary<JsonValue> =>
  fc
    .uniqueArray(fc.constantFrom('A', 'B', 'C', '__proto__'), { maxLength: 3 })
    .map((names) => names.map((name) => (name === 'C' && from === 'user' ? 'C' : `${name}=${from}\n=${name}`)))
const keys = (...names: string[]): fc.Arbitrary<JsonValue> =>
  fc.uniqueArray(fc.constantFrom(...names)).map((chosen) => Object.fromEntries(chosen.map((name) => [name, {}])))
const command = (from: string): fc.Arbitrary<JsonValue | undefined> =>
  fc.option(fc.uniqueArray(fc.constantFrom(`${from} a`, `${from} b`), { minLength: 1 }), { nil: undefined })
const text = (from: string): fc.Arbitrary<JsonValue | undefined> => fc.constantFrom(undefined, '', `/${from}`)
const check = (from: string, number: number): fc.Arbitrary<JsonValue | undefined> =>
  fc.option(
    fc.record(
      {
        Test: fc.constantFrom<JsonValue>(['CMD', from], ['NONE', from]),
        Interval: fc.constantFrom(0, number * 1e9),
        Timeout: fc.constant(number * 2e9),
        StartPeriod: fc.constant(number * 3e9),
        StartInterval: fc.constant(number * 4e9),
        Retries: fc.constantFrom(0, number),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  )

const imageOf = (from: string, number: number): fc.Arbitrary<ImageInspect> =>
  fc
    .record({
      Env: env(from),
      Labels: dictionary(from),
      Entrypoint: command(from),
      Cmd: command(from),
      ExposedPorts: keys('1/tcp', '2/tcp'),
      Volumes: keys('/1', '/2'),
      User: text(from),
      WorkingDir: text(from),
      StopSignal: text(from),
      Shell: command(from),
      Healthcheck: check(from, number),
    })
    .map((config) => image(config as Overlay, `sha256:${from}`))

const request: fc.Arbitrary<JsonObject> = fc
  .record({
    Env: env('user'),
    Labels: dictionary('user'),
    Entrypoint: fc.oneof(command('user'), fc.constantFrom<JsonValue>([], [''])),
    Cmd: command('user'),
    ExposedPorts: keys('8/tcp', '9/udp'),
    Volumes: keys('/8', '/9'),
    User: text('user'),
    WorkingDir: text('user'),
    StopSignal: text('user'),
    Shell: command('user'),
    Healthcheck: check('user', 7),
    StopTimeout: fc.constantFrom(undefined, 0, -1, 30),
    Future: fc.jsonValue().map((value) => value as JsonValue),
  })
  .map((members) => {
    const set = Object.entries(members).filter(([, value]) => value !== undefined)
    return Object.fromEntries(set as [string, JsonValue][])
  })

// Takes away what the recording has of its own.
const NOTHING_SET: Overlay = {
  ...Object.fromEntries(Object.keys(rawContainer()['Config'] as JsonObject).map((name) => [name, undefined])),
  Hostname: '',
  Image: 'x',
  Tty: false,
}

/** Absent, null, zero and empty are one to an engine here, and the order of Env does not count. */
const comparable = (config: JsonObject): string =>
  Object.entries<JsonValue>({ ...config, Healthcheck: withoutZeros(objectAt(config, 'Healthcheck')) })
    .filter(([, value]) => !isZero(value))
    .map(([name, value]) => `${name} ${canonicalJson(name === 'Env' ? (value as string[]).toSorted(inOrder) : value)}`)
    .toSorted(inOrder)
    .join('\n')
const withoutZeros = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isZero(value)))
const inOrder = (a: string, b: string): number => (a < b ? -1 : 1)

const isSwitchedOff = (entrypoint: JsonValue | undefined): boolean =>
  Array.isArray(entrypoint) && (entrypoint.length === 0 || entrypoint[0] === '')

test('the successor on the new image is what the request of the user would have made on it', () => {
  fc.assert(
    fc.property(request, imageOf('old', 1), imageOf('new', 2), (user, oldImage, newImage) => {
      const shown = engineMerge(user, oldImage.Config)
      const wanted = engineMerge(user, newImage.Config)
      // An entrypoint that was switched off where there was none cannot be told from one that was not set.
      fc.pre(shown !== undefined && (isZero(oldImage.Config.Entrypoint) ? !isSwitchedOff(user['Entrypoint']) : true))
      const old = seen({ Config: { ...NOTHING_SET, ...shown } })
      const { Image: _, ...planned } = successor({ old, oldImage, newImage, apiVersion: '1.51' }).body
      const made = engineMerge(planned, newImage.Config)
      assert.equal(made === undefined, wanted === undefined)
      if (made === undefined || wanted === undefined) return
      assert.equal(comparable(made), comparable(wanted))
      const expected = expectedConfig(planned, newImage.Config)
      assert.equal(comparable({ ...expected, Image: '' }), comparable(made))
    }),
    { numRuns: 500 },
  )
})
