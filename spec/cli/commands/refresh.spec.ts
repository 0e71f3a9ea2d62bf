import assert from 'node:assert/strict'
import { test } from 'node:test'

import { recoverCommand } from '../../../lib/cli/commands/recover.ts'
import { refreshCommand } from '../../../lib/cli/commands/refresh.ts'
import type { RefreshReport } from '../../../lib/refresh/report.ts'
import { testSession } from '../../support/session.ts'
import { APP, leaveHalfDone, setStage, version, type Stage } from '../../support/stage.ts'

/** Runs a command against the stage over a real socket. */
async function over<T>(stage: Stage, command: (env: Record<string, string>) => Promise<T>): Promise<T> {
  await using listening = await stage.model.listen()
  return await command({ DOCKER_HOST: listening.host, HOME: '/nonexistent' })
}

const ONE = { containers: [{ name: 'ws-1', Image: APP }] }
const FLAGS = { image: [APP], namePrefix: 'ws-', stableFor: 0 }

test('--json prints one object and nothing else on stdout, and the exit code is 0', async () => {
  const stage = await setStage(ONE)
  stage.model.publish(APP, version(2))
  const [code, stdout, stderr] = await over(stage, async (env) => {
    const session = testSession(env)
    const code = await refreshCommand(session, { ...FLAGS, json: true, quiet: true })
    return [code, session.printed().stdout, session.printed().stderr]
  })
  const report = JSON.parse(stdout) as RefreshReport
  assert.deepEqual([code, report.recreated, stderr], [0, ['ws-1'], ''])
  assert.equal(stdout.trimEnd().includes('\n'), false)
})

test('without --json the summary is on stdout and the progress on stderr', async () => {
  const stage = await setStage(ONE)
  stage.model.publish(APP, version(2))
  const [stdout, stderr] = await over(stage, async (env) => {
    const session = testSession(env)
    await refreshCommand(session, FLAGS)
    return [session.printed().stdout, session.printed().stderr]
  })
  assert.match(stdout, /^images\n[^]*\ncontainers\n {2}ws-1 {2}replaced/)
  assert.match(stderr, /^ghcr\.io\/acme\/app:latest: pulled.*\nws-1: stop\nws-1: replaced, .* down\n$/)
})

test('a container that is rolled back is exit 1, and a pull that fails too', async () => {
  const stage = await setStage(ONE)
  stage.model.publish(APP, version(2, { behaviour: { process: { exits: 3 } } }))
  const codes = await over(stage, async (env) => [
    await refreshCommand(testSession(env), { ...FLAGS, stableFor: 0.3 }),
    await refreshCommand(testSession(env), { ...FLAGS, image: ['ghcr.io/acme/nothing'] }),
  ])
  assert.deepEqual(codes, [1, 1])
})

test('an interrupted refresh is exit 130', async () => {
  const stage = await setStage(ONE)
  stage.model.publish(APP, version(2))
  const stop = new AbortController()
  stop.abort(new Error('SIGINT'))
  const before = stage.container('ws-1')?.id
  const code = await over(stage, (env) => refreshCommand(testSession(env, stop.signal), FLAGS))
  assert.deepEqual([code, stage.container('ws-1')?.id], [130, before])
})

test('recover tells what it ended, and that there was nothing', async () => {
  const stage = await setStage(ONE)
  await leaveHalfDone(stage, 'ws-1', 'parked')
  const [first, second, third] = await over(stage, async (env) => {
    const sessions = [testSession(env), testSession(env), testSession(env)] as const
    const [a, b, c] = sessions
    assert.equal(await recoverCommand(a, {}), 0)
    assert.equal(await recoverCommand(b, {}), 0)
    assert.equal(await recoverCommand(c, { json: true }), 0)
    return sessions.map((session) => session.printed().stdout)
  })
  assert.deepEqual([first, second, third], ['ws-1  rolled-back\n', 'nothing to recover\n', '{"operations":[]}\n'])
})

test('recover is exit 1 where something could not be ended', async () => {
  const stage = await setStage(ONE)
  await leaveHalfDone(stage, 'ws-1', 'parked')
  await stage.docker.containers.create({ Image: APP }, { name: 'ws-1' })
  const code = await over(stage, (env) => recoverCommand(testSession(env), {}))
  assert.equal(code, 1)
})
