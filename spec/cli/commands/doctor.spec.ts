import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { doctorCommand, type Diagnosis } from '../../../lib/cli/commands/doctor.ts'
import { testSession } from '../../support/session.ts'
import { APP, leaveHalfDone, setStage } from '../../support/stage.ts'

async function diagnose(env: Record<string, string>): Promise<{ code: number; diagnosis: Diagnosis; stdout: string }> {
  const session = testSession(env)
  const code = await doctorCommand(session, { json: true })
  const { stdout } = session.printed()
  return { code, diagnosis: JSON.parse(stdout) as Diagnosis, stdout }
}

test('what a refresh needs is looked at, nothing is changed, and no secret is shown', async () => {
  const stage = await setStage()
  await using listening = await stage.model.listen()
  const env = { DOCKER_HOST: listening.host, GHCR_USER: 'ci', GHCR_TOKEN: 'canary-secret', HOME: '/nonexistent' }
  const { code, diagnosis, stdout } = await diagnose(env)
  assert.equal(code, 0)
  assert.equal(diagnosis.endpoint, listening.host)
  assert.match(diagnosis.chosenBy ?? '', /DOCKER_HOST/)
  assert.match(diagnosis.api ?? '', /^1\.\d+ \(the engine's newest is 1\.\d+\)$/)
  assert.deepEqual(diagnosis.credentials, [{ registry: 'ghcr.io', source: 'GHCR_USER and GHCR_TOKEN' }])
  assert.equal(diagnosis.runtimeRegistry, 'ghcr.io/molecule-ai')
  assert.deepEqual([diagnosis.unfinished, diagnosis.problems], [[], []])
  assert.doesNotMatch(stdout, /canary/)
  assert.deepEqual(stage.changes(), [])
})

test('for people it is a table, which says when nothing is missing', async () => {
  const stage = await setStage()
  await using listening = await stage.model.listen()
  const session = testSession({ DOCKER_HOST: listening.host, HOME: '/nonexistent' })
  assert.equal(await doctorCommand(session, {}), 0)
  const { stdout } = session.printed()
  assert.match(stdout, /^endpoint {2,}unix:\/\/.*, chosen by /m)
  assert.match(stdout, /^credentials {2,}none found: public images only$/m)
  assert.match(stdout, /nothing is missing/)
})

test('a replacement that was left unfinished is named with the cure', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  await leaveHalfDone(stage, 'ws-1', 'parked')
  await using listening = await stage.model.listen()
  const { diagnosis } = await diagnose({ DOCKER_HOST: listening.host, HOME: '/nonexistent' })
  assert.deepEqual(diagnosis.unfinished, ['ws-1'])
  assert.match(diagnosis.problems.join('\n'), /ws-1: run "dockline recover"/)
})

test('an engine that is away is exit 3 with the cure, and the credentials are looked at all the same', async () => {
  const env = { DOCKER_HOST: 'unix:///nonexistent/docker.sock', GHCR_USER: 'ci', GHCR_TOKEN: 't', HOME: '/nonexistent' }
  const { code, diagnosis } = await diagnose(env)
  assert.equal(code, 3)
  assert.match(diagnosis.problems.join('\n'), /unix:\/\/\/nonexistent\/docker\.sock/)
  assert.equal(diagnosis.credentials.length, 1)
})

test('a config.json that cannot be read is a problem that names the file', async () => {
  const stage = await setStage()
  await using listening = await stage.model.listen()
  const directory = mkdtempSync(join(tmpdir(), 'doctor-'))
  try {
    writeFileSync(join(directory, 'config.json'), '{"auths": canary-secret', { mode: 0o600 })
    const { code, diagnosis, stdout } = await diagnose({ DOCKER_HOST: listening.host, DOCKER_CONFIG: directory })
    assert.equal(code, 1)
    assert.match(diagnosis.problems.join('\n'), /config\.json/)
    assert.doesNotMatch(stdout, /canary/)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a container through which the engine is reached is named, for people too', async () => {
  const stage = await setStage({ containers: [{ name: 'proxy', Image: APP }] })
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  const socket = join(folder, 'docker.sock')
  try {
    const Binds = [`${folder}:/out`, '/var/run/docker.sock:/var/run/docker.sock']
    await stage.docker.containers.create({ Image: APP, HostConfig: { Binds } }, { name: 'maker' })
    await stage.docker.containers.start('maker')
    await using listening = await stage.model.listen(socket)
    const env = { DOCKER_HOST: listening.host, HOME: '/nonexistent' }
    const { diagnosis } = await diagnose(env)
    assert.deepEqual([diagnosis.container, diagnosis.proxies], [undefined, ['maker']])
    const session = testSession(env)
    await doctorCommand(session, {})
    assert.match(session.printed().stdout, /^talks through {2,}the container maker$/m)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('before an upgrade a container that would be lost is named, and the exit is 1', async () => {
  const lost = { name: 'lost', Image: APP, HostConfig: { Dns: ['nope'] } }
  const stage = await setStage({ containers: [lost, { name: 'kept', Image: APP }] })
  await using listening = await stage.model.listen()
  const session = testSession({ DOCKER_HOST: listening.host, HOME: '/nonexistent' })
  assert.equal(await doctorCommand(session, { beforeUpgrade: true }), 1)
  const { stdout } = session.printed()
  assert.match(stdout, /^upgrade: lost +lost: the DNS server is "nope"/m)
  assert.doesNotMatch(stdout, /kept/)
  assert.deepEqual(stage.changes(), [])
})

test('a container that runs without its network is named with the cure', async () => {
  const stage = await setStage({ profile: '29', containers: [{ name: 'web', Image: APP }] })
  await stage.docker.networks.disconnect('bridge', { Container: 'web' })
  await using listening = await stage.model.listen()
  const { diagnosis } = await diagnose({ DOCKER_HOST: listening.host, HOME: '/nonexistent' })
  assert.deepEqual(diagnosis.cutOff, ['web'])
  assert.match(diagnosis.problems.join('\n'), /docker network connect bridge web/)
})
