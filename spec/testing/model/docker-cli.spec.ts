import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { request } from 'node:http'
import { test } from 'node:test'
import { promisify } from 'node:util'

import { modelEngine, type ModelEngine, type ProfileName } from '../../../lib/testing/model/index.ts'

// Where the docker CLI is not installed, the same goals are reached by the calls that it would send.
const HAS_CLI = spawnSync('docker', ['--version']).status === 0

interface Command {
  /** Arguments, or the call in its place. */
  readonly cli: readonly string[]
  readonly call: string
  readonly body?: object
  /** What the CLI prints. */
  readonly prints: RegExp
  /** What is so afterwards. */
  readonly leaves?: (engine: ModelEngine) => boolean
}

const APP = 'acme/app:1'
const status = (engine: ModelEngine, name: string): string =>
  engine.containers().find((container) => container.name === name)?.status ?? 'gone'
const create = (name: string): string => `POST /containers/create?name=${name}`

const COMMANDS: readonly Command[] = [
  { cli: ['version', '--format', '{{.Server.Os}}'], call: 'GET /version', prints: /^linux$/ },
  { cli: ['info', '--format', '{{.OSType}} {{.Containers}}'], call: 'GET /info', prints: /^linux 1$/ },
  { cli: ['ps', '-a'], call: 'GET /containers/json?all=1', prints: /web.*|CONTAINER ID/s },
  { cli: ['images'], call: 'GET /images/json', prints: /acme\/app +1 /s },
  {
    cli: ['pull', 'acme/app:2'],
    call: 'POST /images/create?fromImage=acme/app&tag=2',
    prints: /acme\/app:2$/,
    leaves: (engine) => engine.images().some(({ tags }) => tags.some((tag) => tag.endsWith('acme/app:2'))),
  },
  { cli: ['pull', APP], call: 'POST /images/create?fromImage=acme/app&tag=1', prints: /acme\/app:1$/ },
  { cli: ['inspect', 'web', '--format', '{{.State.Status}}'], call: 'GET /containers/web/json', prints: /^running$/ },
  {
    cli: ['create', '--name', 'made', 'acme/app:2'],
    call: create('made'),
    body: { Image: 'acme/app:2' },
    prints: /^[0-9a-f]{64}$/,
    leaves: (engine) => status(engine, 'made') === 'created',
  },
  {
    cli: ['start', 'made'],
    call: 'POST /containers/made/start',
    prints: /^made$/,
    leaves: (engine) => status(engine, 'made') === 'running',
  },
  {
    cli: ['run', '-d', '--name', 'ran', '--restart', 'always', '-v', 'data:/data', '-p', '9000:80', APP],
    call: create('ran'),
    body: {
      Image: APP,
      HostConfig: {
        RestartPolicy: { Name: 'always' },
        Binds: ['data:/data'],
        PortBindings: { '80/tcp': [{ HostPort: '9000' }] },
      },
    },
    prints: /^[0-9a-f]{64}$/,
    leaves: (engine) => {
      const ran = engine.containers().find(({ name }) => name === 'ran')
      return ran?.restartPolicy === 'always' && ran.volumes.includes('data') && (!HAS_CLI || ran.status === 'running')
    },
  },
  { cli: ['logs', 'web'], call: 'GET /containers/web/logs?stdout=1', prints: /^hello from the model$/m },
  { cli: ['exec', 'web', 'echo', 'hi'], call: 'GET /containers/web/top', prints: /^hi$/ },
  {
    cli: ['stop', 'made'],
    call: 'POST /containers/made/stop',
    prints: /^made$/,
    leaves: (engine) => status(engine, 'made') === 'exited',
  },
  {
    cli: ['rename', 'made', 'parked'],
    call: 'POST /containers/made/rename?name=parked',
    prints: /^$/,
    leaves: (engine) => status(engine, 'parked') === 'exited',
  },
  {
    cli: ['rm', 'parked'],
    call: 'DELETE /containers/parked',
    prints: /^parked$/,
    leaves: (engine) => status(engine, 'parked') === 'gone',
  },
  {
    cli: ['network', 'create', 'net'],
    call: 'POST /networks/create',
    body: { Name: 'net' },
    prints: /^(?:[0-9a-f]{64}|net)$/,
  },
  {
    cli: ['network', 'connect', 'net', 'web'],
    call: 'POST /networks/net/connect',
    body: { Container: 'web' },
    prints: /^$/,
    leaves: (engine) => Object.keys(engine.containers()[0]?.addresses ?? {}).includes('net'),
  },
  { cli: ['network', 'inspect', 'net', '--format', '{{len .Containers}}'], call: 'GET /networks/net', prints: /^1$/ },
  { cli: ['network', 'ls'], call: 'GET /networks', prints: /net +bridge +local/s },
  {
    cli: ['network', 'disconnect', 'net', 'web'],
    call: 'POST /networks/net/disconnect',
    body: { Container: 'web' },
    prints: /^$/,
  },
  { cli: ['network', 'rm', 'net'], call: 'DELETE /networks/net', prints: /^net$/ },
  { cli: ['volume', 'create', 'vol'], call: 'POST /volumes/create', body: { Name: 'vol' }, prints: /^vol$/ },
  { cli: ['volume', 'ls'], call: 'GET /volumes', prints: /local +vol/s },
  { cli: ['volume', 'inspect', 'vol', '--format', '{{.Driver}}'], call: 'GET /volumes/vol', prints: /^local$/ },
  { cli: ['volume', 'rm', 'vol'], call: 'DELETE /volumes/vol', prints: /^vol$/ },
  { cli: ['rmi', '-f', 'acme/app:2'], call: 'DELETE /images/acme/app:2?force=1', prints: /Untagged|Deleted/ },
  {
    cli: ['kill', 'web'],
    call: 'POST /containers/web/kill',
    prints: /^web$/,
    leaves: (engine) => status(engine, 'web') === 'exited',
  },
]

async function run(host: string, version: string, { cli, call, body, prints }: Command): Promise<void> {
  if (HAS_CLI) {
    const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: '/nonexistent' }
    const { stdout } = await promisify(execFile)('docker', cli, { env })
    assert.match(stdout.trim(), prints, `docker ${cli.join(' ')}`)
    return
  }
  const [method = '', path = ''] = call.split(' ')
  const answered = await send(host.replace('unix://', ''), method, `/v${version}${path}`, body)
  assert.ok(answered < 400, `${call}: ${answered}`)
}

function send(socketPath: string, method: string, path: string, body: object | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const call = request({ socketPath, method, path, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    call.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
  })
}

for (const profile of ['20.10', '28-containerd', '29', '29-containerd', 'podman-4', 'podman'] satisfies ProfileName[]) {
  test(`the docker CLI works against profile ${profile} as against an engine`, async () => {
    const app = {
      config: { Cmd: ['/serve'], ExposedPorts: { '80/tcp': {} } },
      behaviour: { stdout: ['hello from the model'] },
    }
    await using engine = modelEngine({ profile, images: { [APP]: app }, containers: [{ name: 'web', Image: APP }] })
    engine.publish('acme/app:2', { ...app, config: { ...app.config, Env: ['V=2'] } })
    await using listening = await engine.listen()
    for (const command of COMMANDS) {
      await run(listening.host, engine.profile.api, command)
      assert.ok(command.leaves?.(engine) ?? true, `after docker ${command.cli.join(' ')}`)
    }
  })
}
