import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { recordCommand, replayCommand, type RecordFlags } from '../../../lib/cli/commands/record.ts'
import { loadRecordings, saveExchanges } from '../../../lib/testing/exchange-file.ts'
import { serve } from '../../../lib/testing/serve.ts'
import { jsonReply } from '../../../lib/testing/served.ts'
import { exchange } from '../../support/exchanges.ts'
import { ask } from '../../support/raw-http.ts'
import { testSession } from '../../support/session.ts'
import { inDirectory } from '../../support/temporary.ts'

const program = (path: string): string => `
  const socketPath = process.env.DOCKER_HOST.replace('unix://', '')
  require('http').get({ socketPath, path: ${JSON.stringify(path)} }, (r) => r.resume())
`

/** Records a program that asks for `path`; gives the exit code and what was printed on stderr. */
async function recorded(dir: string, path: string, flags: Partial<RecordFlags> = {}): Promise<[number, string]> {
  await using engine = await serve(async () => jsonReply(200, []))
  const session = testSession({ DOCKER_HOST: engine.host, PATH: process.env['PATH'] })
  const command = [process.execPath, '-e', program(path)]
  return [await recordCommand(session, { out: dir, ...flags }, command), session.printed().stderr]
}

test('a second recording into the same directory is refused before the program runs', () =>
  inDirectory(async (dir) => {
    assert.equal((await recorded(dir, '/first'))[0], 0)
    const before = await readFile(join(dir, 'session.json'), 'utf8')
    await assert.rejects(recorded(dir, '/second'), { code: 'INPUT_INVALID', message: /session\.json already.*--force/ })
    assert.equal(await readFile(join(dir, 'session.json'), 'utf8'), before)
  }))

test('--force writes over a recording', () =>
  inDirectory(async (dir) => {
    await recorded(dir, '/first')
    await recorded(dir, '/second', { force: true })
    assert.equal((await loadRecordings(dir))[0]?.exchanges[0]?.request.path, '/second')
  }))

test('a recording with another name may come beside the first', () =>
  inDirectory(async (dir) => {
    await recorded(dir, '/first')
    await recorded(dir, '/second', { name: 'other' })
    assert.deepEqual((await readdir(dir)).toSorted(), ['other.json', 'session.json'])
    await assert.rejects(recorded(dir, '/second', { name: 'other' }), { message: /other\.json already/ })
  }))

test('a directory with other files only is no recording', () =>
  inDirectory(async (dir) => {
    await writeFile(join(dir, 'README.md'), '')
    assert.equal((await recorded(dir, '/first'))[0], 0)
  }))

test('--replace is applied, and stored with the recording', () =>
  inDirectory(async (dir) => {
    await recorded(dir, '/run-17/host-7', { replace: ['host-7=host', '/run-\\d+/=run'] })
    const [recording] = await loadRecordings(dir)
    assert.equal(recording?.exchanges[0]?.request.path, '/run/host')
    assert.deepEqual(recording.replace, [
      ['host-7', 'host'],
      [/run-\d+/, 'run'],
    ])
  }))

for (const text of ['host-7', '=x', '/(/=x']) {
  test(`--replace ${text} is refused`, () =>
    inDirectory((dir) => assert.rejects(recorded(dir, '/', { replace: [text] }), { code: 'INPUT_INVALID' })))
}

test("--secret masks a name of one's own and a form, and the counts are printed", () =>
  inDirectory(async (dir) => {
    const [, printed] = await recorded(dir, '/a?ACME_LICENSE=hidden&x=lic-hidden', {
      secret: ['ACME_LICENSE', '/lic-(\\w+)/'],
    })
    assert.deepEqual((await loadRecordings(dir))[0]?.exchanges[0]?.request.query, {
      ACME_LICENSE: ['[scrubbed]'],
      x: ['lic-[scrubbed]'],
    })
    assert.match(printed, /^secrets masked: 1 name, 1 custom$/m)
  }))

test('what looks random is warned about', () =>
  inDirectory(async (dir) => {
    const [, printed] = await recorded(dir, '/a?x=q7Xv2LmZ9RtB4nWc8YdK')
    assert.match(printed, /^secrets masked: none$/m)
    assert.match(printed, /^warning: q7Xv… \(20 characters\) in the request of session 1 looks random/m)
  }))

for (const text of ['a b', '/(/'])
  test(`--secret ${text} is refused`, () =>
    inDirectory((dir) => assert.rejects(recorded(dir, '/', { secret: [text] }), { code: 'INPUT_INVALID' })))

/** Serves a recording until `ask` has run. */
async function replayed(dir: string, ask: (host: string) => Promise<unknown>): Promise<[number, string]> {
  const socket = join(dir, 'd.sock')
  const controller = new AbortController()
  const session = testSession({})
  const served = replayCommand({ ...session, signal: controller.signal }, dir, { listen: `unix:${socket}` })
  while (session.printed().stderr === '') await new Promise((resolve) => setImmediate(resolve))
  await ask(`unix://${socket}`)
  controller.abort()
  return [await served, session.printed().stderr.split('\n').slice(1).join('\n')]
}

test('a replay of which not all was asked for ends with 1 and the list', () =>
  inDirectory(async (dir) => {
    await saveExchanges(join(dir, 'a.json'), [exchange('GET /a', []), exchange('GET /b', [])])
    const [code, printed] = await replayed(dir, (host) => get(host, '/a'))
    assert.equal(code, 1)
    assert.equal(printed, 'the replay differs from the recording:\n- not asked: GET /b (GET /b)\n')
  }))

test('a replay of which all was asked for ends with 0', () =>
  inDirectory(async (dir) => {
    await saveExchanges(join(dir, 'a.json'), [exchange('GET /a', [])])
    assert.deepEqual(await replayed(dir, (host) => get(host, '/a')), [0, ''])
  }))

const get = (host: string, path: string): Promise<unknown> => ask(host.replace('unix://', ''), `GET ${path}`)
