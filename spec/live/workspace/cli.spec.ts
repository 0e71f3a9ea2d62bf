import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { workspaceNames } from '../../../lib/workspace/names.ts'
import { temporaryDirectory } from '../../support/temporary.ts'
import { dockerConfig, runCli, type Ran } from '../support/cli.ts'
import { hostOf } from '../support/engine.ts'
import { workspaceBench, type WorkspaceBench } from '../support/workspace-bench.ts'

const PREFIX = '5eed0b00'
const ID = `${PREFIX}-aaaa-4bbb-8ccc-123456789abc`
const LOST = `${PREFIX}-bbbb-4bbb-8ccc-123456789abc`

let bench: WorkspaceBench
let env: Record<string, string>
let login: ReturnType<typeof dockerConfig>
const files = temporaryDirectory()

before(async () => {
  bench = await workspaceBench('cli', PREFIX)
  login = dockerConfig(bench.registry, bench.registry.password)
  writeFileSync(join(files.path, 'config.yaml'), 'name: cli\n')
  writeFileSync(join(files.path, 'token'), 'canary-token\n')
  env = {
    DOCKER_HOST: hostOf(bench.docker),
    DOCKER_CONFIG: login.dir,
    MOLECULE_IMAGE_REGISTRY: bench.env['MOLECULE_IMAGE_REGISTRY'] ?? '',
    FROM_HERE: 'canary-value',
  }
})

after(async () => {
  login[Symbol.dispose]()
  await bench[Symbol.asyncDispose]()
  files[Symbol.dispose]()
})

function workspace(...args: string[]): Promise<Ran> {
  const common = ['--network', bench.network, '--state', join(files.path, 'state.json'), '--json']
  return runCli(['workspace', ...args, ...common], env)
}

function start(id: string): Promise<Ran> {
  const config = `config.yaml=${join(files.path, 'config.yaml')}`
  const token = join(files.path, 'token')
  const own = ['--env', 'FROM_HERE', '--env', 'A=b=c', '--platform-url', 'http://p']
  return workspace('start', id, '--runtime', 'claude-code', '--file', config, '--token-file', token, ...own)
}

const answer = ({ stdout }: Ran): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>

test('start prints the URL, status what it does, logs what it printed, and no secret is shown', async () => {
  const started = await start(ID)
  assert.equal(started.code, 0, started.stderr)
  assert.match(String(answer(started)['url']), /^http:\/\/127\.0\.0\.1:\d+$/)
  const { Config } = await bench.docker.containers.inspect(workspaceNames(ID).container)
  assert.ok(Config.Env.includes('FROM_HERE=canary-value') && Config.Env.includes('A=b=c'))
  const status = await workspace('status', ID)
  assert.deepEqual(answer(status), { id: ID, state: 'running', url: answer(started)['url'] })
  assert.equal((await workspace('logs', ID)).stdout, `agent ${ID}\n`)
  for (const { stdout, stderr } of [started, status]) assert.doesNotMatch(stdout + stderr, /canary/)
})

test('stop ends it, remove forgets it, and its id is not used again', async () => {
  assert.equal((await workspace('stop', ID)).code, 0)
  assert.equal(answer(await workspace('status', ID))['state'], 'stopped')
  assert.equal((await workspace('remove', ID, '--data')).code, 0)
  const again = await start(ID)
  assert.equal(again.code, 1)
  assert.match(again.stderr, /was removed/)
})

test('a sweep confirms, reaps what is not on file, and tells in a dry run what it would do', async () => {
  assert.equal((await start(LOST)).code, 0)
  // Another state file: there LOST is not on file, but something else is.
  writeFileSync(
    join(files.path, 'other.json'),
    JSON.stringify({ workspaces: [{ id: ID, status: 'online', updatedAt: 1 }] }),
  )
  const sweep = async (...args: string[]): Promise<string[]> => {
    const state = ['--state', join(files.path, 'other.json'), '--json']
    const ran = await runCli(['workspace', 'sweep', '--min-age', '0', '--pause', '0', ...args, ...state], env)
    const items = answer(ran)['items'] as { id: string; outcome: string }[]
    return items.filter(({ id }) => id.startsWith(PREFIX)).map(({ id, outcome }) => `${id} ${outcome}`)
  }
  assert.deepEqual(await sweep('--dry-run'), [`${LOST} would-reap`])
  assert.equal(answer(await workspace('status', LOST))['state'], 'running')
  assert.deepEqual(await sweep('--max', '0'), [`${LOST} waiting`])
  assert.deepEqual(await sweep(), [`${LOST} reaped`])
  assert.equal(answer(await workspace('status', LOST))['state'], 'stopped')
})

test('what cannot be is exit 2 with the reason, an engine that is away is exit 3', async () => {
  const runtime = await workspace('start', ID.replace('a', 'b'), '--runtime', 'nosuch')
  assert.equal(runtime.code, 2, runtime.stderr)
  assert.match(runtime.stderr, /known are claude-code/)
  assert.equal((await workspace('status', '../x')).code, 2)
  assert.equal((await workspace('start', ID, '--access', 'read_only')).code, 2)
  const away = await runCli(['workspace', 'status', ID, '--state', join(files.path, 'state.json')], {
    ...env,
    DOCKER_HOST: 'unix:///nonexistent/docker.sock',
  })
  assert.equal(away.code, 3)
})
