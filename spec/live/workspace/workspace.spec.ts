import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { systemProcesses } from '../../../lib/base/processes.ts'
import { silentLog, systemClock, systemRandom } from '../../../lib/base/system.ts'
import { untar } from '../../../lib/engine/untar.ts'
import { refresh } from '../../../lib/refresh/refresh.ts'
import { runtimeTarget } from '../../../lib/refresh/target.ts'
import { platformInstance } from '../../../lib/workspace/labels.ts'
import { workspaceLife } from '../../../lib/workspace/life.ts'
import { legacyNames, workspaceNames } from '../../../lib/workspace/names.ts'
import { memoryStore } from '../../../lib/workspace/store/memory.ts'
import { sweepOnce } from '../../../lib/workspace/sweep.ts'
import type { Workspace } from '../../../lib/workspace/workspace.ts'
import { temporaryDirectory } from '../../support/temporary.ts'
import { workspaceBench, type WorkspaceBench } from '../support/workspace-bench.ts'

const PREFIX = '5eed0a00'
const ID = `${PREFIX}-aaaa-4bbb-8ccc-123456789abc`
const OTHER = `${PREFIX}-bbbb-4bbb-8ccc-123456789abc`
const NAMES = workspaceNames(ID)

let bench: WorkspaceBench
let backend: Awaited<ReturnType<WorkspaceBench['backend']>>
const template = temporaryDirectory()

const workspace = (changes: Partial<Workspace> = {}): Workspace => ({
  id: ID,
  runtime: 'claude-code',
  tier: 2,
  platformUrl: 'http://platform:8080',
  template: template.path,
  token: 't0ken-of-the-agent',
  env: { OWN: 'mine', PYTHONPATH: '/mine' },
  ...changes,
})

before(async () => {
  bench = await workspaceBench('live', PREFIX)
  backend = await bench.backend()
  mkdirSync(join(template.path, 'skills'))
  writeFileSync(join(template.path, 'config.yaml'), 'name: live\n')
  writeFileSync(join(template.path, 'skills/run.sh'), '#!/bin/sh\r\necho hi\r\n', { mode: 0o755 })
  symlinkSync('/etc/passwd', join(template.path, 'evil.md'))
})

after(async () => {
  await backend.docker.close()
  await bench[Symbol.asyncDispose]()
  template[Symbol.dispose]()
})

/** `name mode owner content` of what is in /configs. */
async function configs(): Promise<string[]> {
  const { Id } = await bench.docker.containers.inspect(NAMES.container)
  const seen: string[] = []
  for await (const { name, type, mode, uid, gid, content } of untar(
    bench.docker.containers.archive(Id, { path: '/configs' }),
  ))
    if (type === 'file')
      seen.push(`${name} ${(mode & 0o777).toString(8)} ${uid}:${gid} ${JSON.stringify(await content.text())}`)
  return seen.toSorted((a, b) => (a < b ? -1 : 1))
}

/** What the agent serves at its URL, once it listens. */
async function served(url: string | undefined, path: string): Promise<string> {
  for (let tries = 0; tries < 50; tries++) {
    const response = await fetch(`${url}${path}`).catch(() => undefined)
    if (response?.ok === true) return response.text()
    await sleep(100)
  }
  throw new Error(`nothing is served at ${url}${path}`)
}

/** Names of what is on the engine for the workspaces of this spec. */
async function leftovers(): Promise<string[]> {
  const containers = await bench.docker.containers.list({ all: true })
  const { Volumes } = await bench.docker.volumes.list()
  const names = [...containers.flatMap(({ Names }) => Names), ...Volumes.map(({ Name }) => Name)]
  return names
    .map((name) => name.replace(/^\//, ''))
    .filter((name) => name.startsWith(`ws-${PREFIX}`))
    .toSorted()
}

const FILES = [
  'configs/.auth_token 600 1000:1000 "t0ken-of-the-agent"',
  'configs/config.yaml 644 1000:1000 "name: live\\n"',
  'configs/skills/run.sh 755 1000:1000 "#!/bin/sh\\necho hi\\n"',
]

test('a workspace starts from a template with CRLF scripts and a token; its image is pulled with a login on the way', async () => {
  const { url, warnings } = await backend.start(workspace())
  assert.match(url ?? '', /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.deepEqual(warnings, ['left out of the template: evil.md is a link or no file'])
  assert.deepEqual(await backend.status(ID), { state: 'running' })
  assert.deepEqual(await configs(), FILES)
  assert.equal(await served(url, '/config.yaml'), 'name: live\n')
  assert.equal(await backend.console(ID), `agent ${ID}\n`)
})

test('its container is what its tier and its environment say', async () => {
  const { Config, HostConfig, Mounts, NetworkSettings } = await bench.docker.containers.inspect(NAMES.container)
  assert.ok(Config.Env.includes(`WORKSPACE_ID=${ID}`))
  assert.ok(Config.Env.includes('OWN=mine'))
  assert.deepEqual(
    Config.Env.filter((entry) => entry.startsWith('PYTHONPATH=')),
    ['PYTHONPATH=/mine'],
  )
  assert.equal(Number(HostConfig.Memory), 512 * 1_048_576)
  assert.equal(Number(HostConfig.NanoCpus), 1_000_000_000)
  assert.equal(HostConfig.RestartPolicy.Name, 'unless-stopped')
  assert.deepEqual(
    Mounts.map(({ Name, Destination }) => `${Name} ${Destination}`).toSorted(),
    [`${NAMES.configs} /configs`, `${NAMES.data} /workspace`, `${NAMES.sessions} /root/.claude/sessions`].toSorted(),
  )
  assert.ok(NetworkSettings.Networks[bench.network]?.Aliases?.includes(NAMES.container))
})

test('a refresh of its image keeps volumes, token, environment, and its URL leads to the new container', async () => {
  const before = await bench.docker.containers.inspect(NAMES.container)
  await bench.release('v2')
  const { user: username, password } = bench.registry
  const report = await refresh(
    {
      engine: bench.docker,
      credentials: { resolve: async () => ({ auth: { username, password }, source: 'the spec' }) },
      clock: systemClock,
      random: systemRandom,
      processes: systemProcesses,
    },
    {
      targets: [runtimeTarget('claude-code', bench.env)],
      selection: { names: [NAMES.container] },
      gate: { stableFor: 500 },
    },
  )
  assert.deepEqual(report.recreated, [NAMES.container], JSON.stringify(report.containers))
  const after = await bench.docker.containers.inspect(NAMES.container)
  assert.notEqual(after.Id, before.Id)
  assert.equal(after.Config.Labels['version'], 'v2')
  assert.ok(after.Config.Env.includes('VERSION=v2') && after.Config.Env.includes('OWN=mine'))
  assert.deepEqual(await configs(), FILES)
  assert.deepEqual(await backend.status(ID), { state: 'running' })
  assert.equal(await served(await backend.url(ID), '/config.yaml'), 'name: live\n')
})

test('files of the config volume are read, and a token is written, through containers that do not stay', async () => {
  assert.equal(Buffer.from((await backend.readConfig(ID, 'config.yaml')) ?? []).toString(), 'name: live\n')
  assert.equal(await backend.readConfig(ID, 'nothing'), undefined)
  assert.equal(await backend.hasConfig(ID, 'skills/run.sh'), true)
  assert.equal(await backend.hasConfig(ID, 'skills'), false, 'a directory is no file')
  await assert.rejects(backend.readConfig(ID, 'config.yaml', { maxBytes: 3 }), { code: 'TOO_LARGE' })
  await backend.writeToken(ID, 'rotated')
  assert.equal((await configs())[0], 'configs/.auth_token 600 1000:1000 "rotated"')
  assert.match(await backend.readFile(ID, '/proc/self/cmdline'), /cat/)
  await assert.rejects(backend.readFile(ID, '/nonexistent-file'), { code: 'NOT_FOUND', message: /exit code 1/ })
})

test('a stop ends it and keeps its volumes; a restart without template finds everything again', async () => {
  await backend.stop(ID)
  assert.deepEqual(await backend.status(ID), { state: 'stopped' })
  assert.deepEqual(await leftovers(), [NAMES.sessions, NAMES.configs, NAMES.data].toSorted())
  const { url } = await backend.start(workspace({ template: undefined, token: undefined }))
  assert.equal((await configs())[0], 'configs/.auth_token 600 1000:1000 "rotated"')
  assert.equal(await served(url, '/config.yaml'), 'name: live\n')
})

test('a sandboxed one is given its files too, though its root is read-only', async () => {
  const { url } = await backend.start(workspace({ tier: 1 }))
  const { Mounts } = await bench.docker.containers.inspect(NAMES.container)
  assert.deepEqual(Mounts.map(({ Destination }) => Destination).toSorted(), ['/configs', '/root/.claude/sessions'])
  assert.deepEqual(await configs(), FILES)
  assert.equal(await served(url, '/config.yaml'), 'name: live\n')
})

test('a container and volumes of an older platform, with short names, go on working', async () => {
  const old = legacyNames(OTHER)
  const { docker } = bench
  await docker.volumes.create({ Name: old.configs, Labels: { 'molecule.platform.managed': 'true' } })
  await docker.containers.create(
    {
      Image: `${bench.registry.host}/acme/workspace-template-claude-code:latest`,
      Env: [`WORKSPACE_ID=${OTHER}`],
      Labels: { 'molecule.platform.managed': 'true' },
      HostConfig: { NetworkMode: bench.network, Binds: [`${old.configs}:/configs`] },
    },
    { name: old.container },
  )
  await docker.containers.putArchive(old.container, { path: '/configs' }, [
    { name: 'config.yaml', content: 'old: yes\n' },
  ])
  await docker.containers.start(old.container)
  assert.deepEqual(await backend.status(OTHER), { state: 'running' })
  assert.deepEqual(await backend.status(OTHER.slice(0, 12)), { state: 'running' })
  const { url } = await backend.start({ id: OTHER, runtime: 'claude-code', platformUrl: 'http://p' })
  assert.equal(await served(url, '/config.yaml'), 'old: yes\n')
  const { sessions, data, container } = workspaceNames(OTHER)
  assert.deepEqual(
    (await leftovers()).filter((name) => name.startsWith(old.container)),
    [old.configs, sessions, data, container].toSorted(),
  )
  await backend.remove(OTHER, { data: true })
  assert.deepEqual(
    (await leftovers()).filter((name) => name.includes(OTHER.slice(0, 12))),
    [],
  )
})

test('a removal while it starts ends the start, and nothing comes up after it', async () => {
  const life = workspaceLife(backend, memoryStore())
  const starting = life.start({ ...workspace(), id: OTHER })
  starting.catch(() => {})
  await sleep(150)
  await life.remove(OTHER, { data: true })
  await assert.rejects(starting)
  assert.deepEqual(
    (await leftovers()).filter((name) => name.includes(OTHER)),
    [],
  )
})

test('a sweep takes what a removed workspace left, and leaves what is not on file alone until it is old enough', async () => {
  const store = memoryStore()
  await backend.start({ ...workspace(), id: OTHER })
  await store.save(OTHER, { status: 'removed' })
  const sweep = { reaper: backend, store, clock: systemClock, log: silentLog }
  const options = { instance: platformInstance(bench.env) }
  const { items } = await sweepOnce(sweep, { ...options, confirmations: 1 }, new Map())
  const own = items.filter(({ id }) => id.startsWith(PREFIX))
  assert.deepEqual(
    own.map(({ id, pass, outcome, reason }) => `${id} ${pass} ${outcome} ${reason ?? ''}`.trim()),
    [`${OTHER} removed reaped`, `${ID} unknown waiting it is too young`],
  )
  assert.deepEqual(await backend.status(ID), { state: 'running' })
  assert.deepEqual(
    (await leftovers()).filter((name) => name.includes(OTHER)),
    [workspaceNames(OTHER).data],
  )
  await backend.remove(OTHER, { data: true })
})

test('a removal leaves nothing but the data at /workspace, and that goes when told', async () => {
  await backend.remove(ID)
  assert.deepEqual(await leftovers(), [NAMES.data])
  await backend.remove(ID, { data: true })
  assert.deepEqual(await leftovers(), [])
})
