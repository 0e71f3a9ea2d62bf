// A dockline that runs in a container of the very engine, and what becomes of that container.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { Diagnosis } from '../../../lib/cli/commands/doctor.ts'
import { lastWords } from '../../../lib/refresh/hand-over.ts'
import type { RefreshReport } from '../../../lib/refresh/report.ts'
import { DOCKLINE, docklineLayer } from '../support/dockline-image.ts'
import { reportOf, runCli } from '../support/cli.ts'
import { liveEngine, removeContainers, removeImages } from '../support/engine.ts'
import { pushImage, type Layer } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'

const RUN = `self-${process.pid}-${Date.now()}`
const NAME = 'self-dock'
const HELPER = `${NAME}.dockline-helper`
const TOKEN = 'a-token-of-the-spec-long-enough'
const SOCKET = '/run/docker.sock'
const PORT = 8787
const SERVE = ['serve', `--listen=0.0.0.0:${PORT}`, `--name=${NAME}`, '--stable-for=3']

let docker: Docker
let registry: LiveRegistry
let image: string
let layer: Layer
let releases = 0

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  image = `${registry.host}/acme/dockline:latest`
  layer = docklineLayer()
  await removeContainers(docker, NAME)
})

afterEach(() => removeContainers(docker, NAME))

after(async () => {
  await removeImages(docker, RUN)
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

/** Pushes an image whose containers run this command line of dockline. */
async function release(...args: string[]): Promise<string> {
  const version = `${RUN}-${++releases}`
  const settings = { Entrypoint: DOCKLINE, Cmd: args, Labels: { run: RUN, version } }
  await pushImage(registry, 'acme/dockline', 'latest', settings, layer)
  return version
}

const auth = (): string => Buffer.from(`${registry.user}:${registry.password}`).toString('base64')

/** Runs dockline in a container of the newest image. */
async function run(name: string, Cmd?: readonly string[]): Promise<string> {
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  const socketPath =
    docker.endpoint.kind === 'unix' ? docker.endpoint.socketPath : assert.fail('a unix socket is needed')
  const { Id } = await docker.containers.create(
    {
      Image: image,
      ...(Cmd === undefined ? {} : { Cmd: [...Cmd] }),
      Env: [
        `ADMIN_TOKEN=${TOKEN}`,
        `DOCKER_HOST=unix://${SOCKET}`,
        `DOCKER_AUTH_CONFIG=${JSON.stringify({ auths: { [registry.host]: { auth: auth() } } })}`,
      ],
      HostConfig: {
        Binds: [`${socketPath}:${SOCKET}`],
        ...(Cmd === undefined ? { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } } : {}),
      },
    },
    { name },
  )
  await docker.containers.start(Id)
  return Id
}

/** Runs one command in a container and gives what it printed. */
async function printed<T>(...args: string[]): Promise<T> {
  const name = `${NAME}-once`
  await removeContainers(docker, name)
  const id = await run(name, [...args, '--json'])
  await docker.containers.wait(id)
  let said = ''
  for await (const { data } of docker.containers.logs(id, { stdout: true })) said += Buffer.from(data).toString()
  await removeContainers(docker, name)
  return JSON.parse(said) as T
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  return assert.fail(
    `${what}: not within 30 s; ${NAME}${await lastWords(docker, NAME)}; ${HELPER}${await lastWords(docker, HELPER)}`,
  )
}

const see = async (name: string) => docker.containers.inspect(name).catch(() => undefined)
const addressOf = async (name: string): Promise<string> =>
  Object.values((await see(name))?.NetworkSettings.Networks ?? {})[0]?.IPAddress ?? ''

// The service answers to names that it knows only. On a connection of its own: the next container may have this address too.
async function ask(method: 'GET' | 'POST', path: string, patience: number): Promise<{ status: number; body: string }> {
  const headers = { host: `127.0.0.1:${PORT}`, authorization: `Bearer ${TOKEN}` }
  const host = await addressOf(NAME)
  assert.notEqual(host, '', `${NAME} has no address`)
  const signal = AbortSignal.timeout(patience)
  const asked = request({ host, port: PORT, path, method, headers, agent: false, signal }).end()
  const [reply] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: reply.statusCode ?? 0, body: await text(reply) }
}

async function answers(): Promise<void> {
  await until('the service', async () => {
    const { status } = await ask('GET', '/healthz', 5000).catch(() => ({ status: 0 }))
    return status === 200 ? true : undefined
  })
}

async function refresh(): Promise<RefreshReport> {
  const { body } = await ask('POST', '/admin/workspace-images/refresh?recreate=true', 60_000)
  return JSON.parse(body) as RefreshReport
}

const told = ({ containers }: RefreshReport) => containers.find(({ name }) => name === NAME)

async function rest(): Promise<string[]> {
  const all = await docker.containers.list({ all: true })
  return all.flatMap(({ Names }) => Names).filter((name) => name.startsWith(`/${NAME}`))
}

async function begun(): Promise<{ old: string; report: RefreshReport }> {
  const old = (await see(NAME))?.Id ?? assert.fail()
  const report = await refresh()
  assert.match(told(report)?.reason ?? JSON.stringify(report), /^handed over to self-dock\.dockline-helper/)
  assert.equal(told(report)?.outcome, 'skipped')
  return { old, report }
}

async function moved(old: string, version: string): Promise<void> {
  await until('the helper has gone', async () => ((await see(HELPER)) === undefined ? true : undefined))
  const own = await see(NAME)
  assert.deepEqual([own?.State.Running, own?.Config.Labels['version']], [true, version])
  assert.notEqual(own?.Id, old)
  assert.equal(own?.HostConfig.RestartPolicy.Name, 'always')
  assert.deepEqual(await rest(), [`/${NAME}`])
  await answers()
}

test('without --self the service refuses to move its own container, and says how to', async () => {
  await release(...SERVE)
  const old = await run(NAME)
  await answers()
  await release(...SERVE)
  const container = told(await refresh())
  assert.equal(container?.outcome, 'skipped')
  assert.match(container?.reason ?? '', /"dockline refresh --name self-dock --self"/)
  assert.deepEqual([(await see(NAME))?.Id, await rest()], [old, [`/${NAME}`]])
})

test('with --self a helper of the new image moves it, and the new one serves', async () => {
  await release(...SERVE, '--self')
  await run(NAME)
  await answers()
  const version = await release(...SERVE, '--self')
  const { old } = await begun()
  await moved(old, version)
})

test('a release that does not do is rolled back by the helper, which stays with its words until the service takes it away', async () => {
  await release(...SERVE, '--self')
  await run(NAME)
  await answers()
  await release('no-such-command')
  const { old } = await begun()
  const helper = await until('the helper has ended', async () => {
    const seen = await see(HELPER)
    return seen?.State.Running === false ? seen : undefined
  })
  assert.deepEqual([helper.State.ExitCode, helper.HostConfig.RestartPolicy.Name], [1, 'no'])
  const own = await see(NAME)
  assert.deepEqual([own?.Id, own?.State.Running, own?.HostConfig.RestartPolicy.Name], [old, true, 'always'])
  await answers()
  await until('the words of the helper in the log', async () => {
    const log = await docker.containers.logs(NAME, { stdout: true, stderr: true }).text()
    return /a helper that ended with exit code 1: .*rolled-back/.test(JSON.stringify(log)) ? true : undefined
  })
  assert.equal(await see(HELPER), undefined)
  const again = await refresh()
  assert.match(told(again)?.reason ?? '', /rolled back before/)
  assert.deepEqual(await rest(), [`/${NAME}`])
})

for (const [when, is] of [
  ['old and new are both there', async () => (await rest()).length > 2],
  ['the old one is parked', async () => (await see(`${NAME}.dockline-prev`)) !== undefined],
  [
    'the new one runs on trial',
    async () => (await see(`${NAME}.dockline-prev`)) !== undefined && (await see(NAME))?.State.Running === true,
  ],
] as const) {
  test(`a helper that is killed when ${when} is started again by the engine and comes to the end`, async () => {
    await release(...SERVE, '--self')
    await run(NAME)
    await answers()
    const version = await release(...SERVE, '--self')
    const { old } = await begun()
    await until(when, async () => ((await is()) ? true : undefined))
    process.kill((await see(HELPER))?.State.Pid ?? assert.fail('the helper was too fast'), 'SIGKILL')
    await moved(old, version)
  })
}

test('doctor says which container it runs in', async () => {
  await release('doctor')
  const { container, proxies } = await printed<Diagnosis>('doctor')
  assert.deepEqual([container, proxies], [`${NAME}-once`, []])
})

const PROXY = `
  const { connect, createServer } = require('node:net')
  createServer((client) => {
    const engine = connect('${SOCKET}')
    client.pipe(engine).pipe(client)
    for (const end of [client, engine]) end.on('error', () => {})
  }).listen(2375)
`

test('the proxy that a dockline talks through is refused, and doctor names it', async () => {
  await release('demo')
  const name = `${NAME}-proxy`
  const { Id } = await docker.containers.create(
    {
      Image: image,
      Entrypoint: ['/usr/bin/node', '-e', PROXY],
      Cmd: [],
      HostConfig: {
        Binds: [`${docker.endpoint.kind === 'unix' ? docker.endpoint.socketPath : ''}:${SOCKET}`],
      },
    },
    { name },
  )
  await docker.containers.start(Id)
  await release('demo')
  const env = {
    DOCKER_HOST: `tcp://${await addressOf(name)}:2375`,
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [registry.host]: { auth: auth() } } }),
  }
  await until('the proxy', async () => ((await runCli(['doctor', '--json'], env)).code === 0 ? true : undefined))
  const { proxies } = JSON.parse((await runCli(['doctor', '--json'], env)).stdout) as Diagnosis
  assert.deepEqual(proxies, [name])
  const ran = await runCli(['refresh', '--name', name, '--json'], env)
  const [container] = reportOf(ran).containers
  assert.equal(container?.outcome, 'skipped')
  assert.match(container?.reason ?? '', /dockline reaches the engine through it/)
  assert.equal((await see(name))?.Id, Id)
})
