import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { modelEngine } from '../../lib/testing/index.ts'

test('each line of "Coming from dockerode" runs, in its order', async (t) => {
  const page = readFileSync('lib/engine/README.md', 'utf8')
  const code = /```ts dockerode\n([\s\S]+?)\n```/.exec(page)?.[1] ?? assert.fail('the page has no code')
  const app = {
    config: { Cmd: ['/serve'] },
    behaviour: { stdout: ['serving'], exec: () => ({ exitCode: 0, stdout: 'hello\n' }) },
  }
  const job = { config: { Cmd: ['/job'] }, behaviour: { process: { exits: 0 }, stdout: ['done'] } }
  const engine = modelEngine({ images: { 'ghcr.io/acme/app:1': app, 'ghcr.io/acme/job:1': job } })
  const listening = await engine.listen()
  const dir = mkdtempSync(join(tmpdir(), 'dockerode-'))
  const before = process.env['DOCKER_HOST']
  process.env['DOCKER_HOST'] = listening.host
  try {
    const file = join(dir, 'page.mts')
    const entry = pathToFileURL(join(process.cwd(), 'lib/index.ts')).href
    writeFileSync(file, code.replace("from 'dockline'", `from '${entry}'`))
    const log = t.mock.method(console, 'log', () => {})
    await import(pathToFileURL(file).href)
    const said = log.mock.calls.map(({ arguments: values }) => values.join(' '))
    for (const line of ['stdout serving', '6', 'true', 'hello', 'note', 'start', 'done\n', '0 hello 0'])
      assert.ok(said.includes(line), `${JSON.stringify(line)} is not in ${JSON.stringify(said)}`)
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = before
    await engine.close()
    rmSync(dir, { recursive: true, force: true })
  }
})
