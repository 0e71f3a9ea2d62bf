import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { loadExchanges, saveExchanges } from '../../lib/testing/exchange-file.ts'
import { exchange } from '../support/exchanges.ts'

async function inDirectory(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-spec-'))
  try {
    await run(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
}

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

test('a file of one exchange holds that exchange and no array', () =>
  inDirectory(async (dir) => {
    const file = join(dir, 'one.json')
    await saveExchanges(file, [FULL])
    assert.match(await readFile(file, 'utf8'), /^\{\n "name": "POST \/a\?x=1",\n "request": \{\n/)
    assert.deepEqual(await loadExchanges(file), [FULL])
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
  ['a chunk that is not base64', { ...FULL, response: { status: 200, headers: {}, chunks: ['?'] } }],
] as const) {
  test(`${what} is refused, and the file is named`, () =>
    inDirectory(async (dir) => {
      const file = join(dir, 'bad.json')
      await saveExchanges(file, [value as typeof FULL])
      await assert.rejects(loadExchanges(file), { code: 'INPUT_INVALID', message: /bad\.json is not an exchange file/ })
    }))
}

test('a file that is not JSON is refused, and the file is named', () =>
  inDirectory(async (dir) => {
    await writeFile(join(dir, 'torn.json'), '[{')
    await assert.rejects(loadExchanges(dir), { code: 'INPUT_INVALID', message: /torn\.json is not an exchange file/ })
  }))
