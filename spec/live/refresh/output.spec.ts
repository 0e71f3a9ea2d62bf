// The command line and the service lose their output or their terminal in the middle of a replacement.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Docker } from '../../../lib/engine/connect.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { builtCli } from '../support/built-cli.ts'
import { dockerConfig, startCli } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers, removeImages } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { LIVE_TOKEN } from '../support/service.ts'

const NAME = 'output-1'
const RUN = `${process.pid}-${Date.now()}`

let docker: Docker
let registry: LiveRegistry
let login: ReturnType<typeof dockerConfig>
let image: string
let env: Record<string, string>
let releases = 0

const release = async (): Promise<string> => {
  const version = String(++releases)
  await pushImage(registry, 'acme/output', 'latest', { Cmd: FOREVER, Labels: { version, run: RUN } })
  return version
}

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
  image = `${registry.host}/acme/output:latest`
  env = { DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir }
})

beforeEach(async () => {
  await removeContainers(docker, NAME)
  await release()
  await docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
  const RestartPolicy = { Name: 'always', MaximumRetryCount: 0 }
  await docker.containers.create({ Image: image, HostConfig: { RestartPolicy } }, { name: NAME })
  await docker.containers.start(NAME)
})

after(async () => {
  await removeContainers(docker, NAME)
  await removeImages(docker, RUN)
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

interface Shell {
  readonly child: ChildProcess
  /** Its exit code, and what reached the pipes. */
  readonly ended: Promise<{ readonly code: number | null; readonly text: string }>
}

/** Starts a line of the shell in which `$dockline` is the command line. */
function shell(command: string): Shell {
  const { NODE_TEST_CONTEXT: _, ...clean } = process.env
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
    env: { ...clean, ...env, ADMIN_TOKEN: LIVE_TOKEN, dockline: `${process.execPath} ${builtCli()}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, text }))
  return { child, ended }
}

const line = (redirect: string): string =>
  `$dockline refresh --image ${image} --name ${NAME} --stable-for 1 ${redirect}`

/** What is there of the container, in a line: names, state, policy and version. */
async function world(): Promise<string> {
  const all = await docker.containers.list({ all: true })
  const names = all.flatMap(({ Names }) => Names).filter((name) => name.startsWith(`/${NAME}`))
  const { State, HostConfig, Config } = await docker.containers.inspect(NAME)
  return [names.join(), State.Status, HostConfig.RestartPolicy.Name, Config.Labels['version']].join(' ')
}

for (const redirect of ['2>&1 | head -1', '2>&1 >/dev/null | head -1', '2>/dev/full', '2>&- | true']) {
  test(`refresh ${redirect}: the container moves and the exit code is 0`, async () => {
    const version = await release()
    const { code, text } = await shell(line(redirect)).ended
    assert.equal(await world(), `/${NAME} running always ${version}`, text)
    assert.equal(code, 0, text)
  })
}

test('refresh >/dev/full: the container moves, and the lost result is exit 1', async () => {
  const version = await release()
  const { code, text } = await shell(line('>/dev/full')).ended
  assert.equal(await world(), `/${NAME} running always ${version}`)
  assert.match(text, /could not be written to stdout \(ENOSPC\)/)
  assert.equal(code, 1)
})

for (const call of ['stop', 'rename', 'start']) {
  test(`SIGHUP after the call ${call}: the old container is back as it was`, async () => {
    const before = await world()
    await release()
    await using proxy = await chaosProxy({
      target: hostOf(docker),
      schedule: `POST /containers/[^/]+/${call}: 1*run-after(hang-up)`,
      actions: {
        'hang-up': async () => {
          for (let n = 0; n < 2; n++) {
            running.child.kill('SIGHUP') // one of the kernel, and one of the shell
            await sleep(20)
          }
        },
      },
    })
    const args = ['refresh', '--image', image, '--name', NAME, '--stable-for', '60']
    const running = startCli(args, { ...env, DOCKER_HOST: proxy.host })
    running.child.stdout?.destroy() // the terminal is gone as well
    running.child.stderr?.destroy()
    const { code } = await running.ended
    assert.equal(await world(), before)
    assert.equal(code, 130)
  })
}

test('serve with its log on a full disk: a refresh over HTTP moves the container', async () => {
  const version = await release()
  const port = await freePort()
  const served = shell(
    `exec $dockline serve --listen 127.0.0.1:${port} --image ${image} --name ${NAME} --stable-for 1 2>/dev/full`,
  )
  const headers = { authorization: `Bearer ${LIVE_TOKEN}` }
  const ask = (method: string, path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
  for (let tries = 0; tries < 100 && !(await isUp(ask)); tries++) await sleep(100)
  const { status } = await ask('POST', '/admin/workspace-images/refresh')
  const [health, after] = [(await ask('GET', '/healthz')).status, await world()]
  served.child.kill('SIGTERM')
  const { code, text } = await served.ended
  assert.equal(after, `/${NAME} running always ${version}`, text)
  assert.deepEqual([status, health, code], [200, 200, 0], text)
})

async function isUp(ask: (method: string, path: string) => Promise<Response>): Promise<boolean> {
  return ask('GET', '/healthz').then(
    ({ ok }) => ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
