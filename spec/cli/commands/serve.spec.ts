import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

import { serveCommand } from '../../../lib/cli/commands/serve.ts'
import type { RefreshReport } from '../../../lib/refresh/report.ts'
import { modelEngine } from '../../../lib/testing/model/index.ts'
import { serveImages } from '../../support/image-registry.ts'
import { testSession } from '../../support/session.ts'
import { until } from '../../support/until.ts'
import { image } from '../../support/watching.ts'

const TOKEN = 'a-token-that-is-long-enough'

test('serve: a plan asks the registry as the command plan does, hooks run when they are asked for, SIGTERM ends it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'serve-'))
  await using registry = await serveImages()
  registry.push('acme/app:latest', image('1'))
  const ref = `${registry.host}/acme/app:latest`
  const ran: string[] = []
  const exec = (argv: readonly string[]) => {
    ran.push(argv.join(' '))
    return { exitCode: 0 }
  }
  const Labels = { 'dockline.hook.pre-stop': 'drain' }
  await using engine = modelEngine({
    images: { [ref]: { ...image('1'), behaviour: { exec } } },
    containers: [{ name: 'ws-app', Image: ref, Labels }],
    registries: [registry.host],
  })
  const { host } = await engine.listen()
  registry.push('acme/app:latest', image('2'))

  const stopping = new AbortController()
  const session = testSession({ DOCKER_CONFIG: '/nonexistent', ADMIN_TOKEN: TOKEN }, stopping.signal)
  const socketPath = join(dir, 'admin.sock')
  const flags = { host, namePrefix: 'ws-', image: [ref], stableFor: 0.1, hooks: true, listen: `unix:${socketPath}` }
  const ended = serveCommand(session, flags, '0.0.0')
  try {
    const log = (): string => session.printed().stderr
    await until('it listens', () => log().includes('listening'))
    const post = async (query: string): Promise<RefreshReport> => {
      const path = `/admin/workspace-images/refresh${query}`
      const headers = { authorization: `Bearer ${TOKEN}`, host: 'localhost' }
      const [answer] = (await once(request({ socketPath, method: 'POST', path, headers }).end(), 'response')) as [
        IncomingMessage,
      ]
      const body = await text(answer)
      assert.equal(answer.statusCode, 200, body)
      return JSON.parse(body) as RefreshReport
    }
    const plan = await post('?dryRun=true')
    assert.deepEqual(
      [plan.images[0]?.outcome, plan.images[0]?.after, plan.containers[0]?.outcome],
      ['updated', null, 'replaced'],
      'what it has not pulled yet',
    )
    assert.equal(plan.images[0]?.digest, registry.push('acme/app:latest', image('2')))
    const moved = await post('')
    assert.deepEqual(moved.recreated, ['ws-app'])
    assert.deepEqual(ran, ['/bin/sh -c drain'])
    stopping.abort()
    assert.equal(await ended, 0)
    assert.ok(!log().includes(TOKEN))
  } finally {
    stopping.abort()
    rmSync(dir, { recursive: true, force: true })
  }
})
