import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { loadExchanges, loadRecordings, saveExchanges } from '../../lib/testing/exchange-file.ts'
import { printJson } from '../../lib/base/json.ts'
import { exchange } from '../support/exchanges.ts'
import { inDirectory } from '../support/temporary.ts'

const FULL = exchange('POST /a?x=1', ['chunk', 'two'], {
  request: { headers: { accept: 'x' }, body: { Memory: 9007199254740993n, nil: null } },
  response: { status: 101, headers: { upgrade: 'tcp' }, open: true },
  // oxlint-disable-next-line unicorn/no-thenable -- the name of a state, never a function
  more: { upgrade: [{ from: 'client', data: null }], when: '', then: 'b', fail: { cutAfter: 3 } },
})

test('what is written is read back, 64-bit integers whole', () =>
  inDirectory(async (dir) => {
    const file = join(dir, 'new', 'case.json')
    await saveExchanges(file, [FULL, exchange('GET /b', [], { more: { fail: 'reset' } })])
    const [first, second] = await loadExchanges(file)
    assert.deepEqual(first, FULL)
    assert.equal(second?.fail, 'reset')
  }))

test('a file names the version of its format first', () =>
  inDirectory(async (dir) => {
    const file = join(dir, 'one.json')
    await saveExchanges(file, [FULL])
    assert.match(await readFile(file, 'utf8'), /^\{\n "version": 2,\n "exchanges": \[\n/)
    assert.deepEqual(await loadExchanges(file), [FULL])
  }))

const FRAME = '\u0001\0\0\0\0\0\0\u0003hi\n'

test('bytes that are text are written as text, others in base64, and all are read back', () =>
  inDirectory(async (dir) => {
    const file = join(dir, 'bytes.json')
    const chunks = ['{"Id":"ä"}\r\n', FRAME, '\0binary\0', ''].map((text) => Buffer.from(text).toString('base64'))
    const raw = [...chunks, Buffer.from('ä').subarray(0, 1).toString('base64')]
    const recorded = {
      ...exchange('GET /a', [], { response: { chunks: raw } }),
      upgrade: raw.map((data) => ({ from: 'engine' as const, data })),
    }
    await saveExchanges(file, [recorded])
    const { response } = JSON.parse(await readFile(file, 'utf8')).exchanges[0]
    assert.deepEqual(response.chunks, ['{"Id":"ä"}\r\n', FRAME, { base64: raw[2] }, '', { base64: raw[4] }])
    assert.deepEqual(await loadExchanges(file), [recorded])
  }))

test('a file of the first format, without a version, is read', () =>
  inDirectory(async (dir) => {
    await writeFile(join(dir, '1.json'), printJson(FULL))
    await writeFile(join(dir, '2.json'), printJson([FULL, FULL]))
    assert.deepEqual(await loadExchanges(dir), [FULL, FULL, FULL])
  }))

test('a file of a version to come is refused, with what to do', () =>
  inDirectory(async (dir) => {
    await writeFile(join(dir, '1.json'), '{"version":3,"exchanges":[]}')
    await assert.rejects(loadExchanges(dir), { code: 'INPUT_INVALID', message: /version 3, .* update dockline$/ })
  }))

test('what a recording replaces is kept with it, patterns as patterns', () =>
  inDirectory(async (dir) => {
    const replace = [['host-7', 'host'] as const, [/id-\d+/i, 'id'] as const]
    await saveExchanges(join(dir, '1.json'), [FULL], { replace })
    assert.deepEqual(await loadRecordings(dir), [{ exchanges: [FULL], replace }])
  }))

test('a directory stands for its exchange files in the order of their names', () =>
  inDirectory(async (dir) => {
    await saveExchanges(join(dir, '2.json'), [exchange('GET /2', [])])
    await saveExchanges(join(dir, '1.json'), [exchange('GET /1', [])])
    await writeFile(join(dir, 'README.md'), 'not one')
    assert.deepEqual(
      (await loadExchanges(dir)).map(({ name }) => name),
      ['GET /1', 'GET /2'],
    )
  }))

test('a directory without exchange files is refused', () =>
  inDirectory((dir) => assert.rejects(loadExchanges(dir), { code: 'INPUT_INVALID', message: /no exchange file/ })))

for (const [what, value] of [
  ['a member that is missing', { ...FULL, request: { method: 'GET' } }],
  ['a member that is unknown', { ...FULL, respnse: {} }],
] as const) {
  test(`${what} is refused, and the file is named`, () =>
    inDirectory(async (dir) => {
      const file = join(dir, 'bad.json')
      await saveExchanges(file, [value as typeof FULL])
      await assert.rejects(loadExchanges(file), { code: 'INPUT_INVALID', message: /bad\.json is not an exchange file/ })
    }))
}

test('a chunk of the first format that is not base64 is refused', () =>
  inDirectory(async (dir) => {
    await writeFile(join(dir, '1.json'), printJson({ ...FULL, response: { status: 200, headers: {}, chunks: ['?'] } }))
    await assert.rejects(loadExchanges(dir), { code: 'INPUT_INVALID', message: /response\.chunks\.0/ })
  }))

test('a file that is not JSON is refused, and the file is named', () =>
  inDirectory(async (dir) => {
    await writeFile(join(dir, 'torn.json'), '[{')
    await assert.rejects(loadExchanges(dir), { code: 'INPUT_INVALID', message: /torn\.json is not an exchange file/ })
  }))
