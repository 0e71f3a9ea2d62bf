// A project of the real compose tool: Debian's docker-compose, or the one that DOCKER_COMPOSE names.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

import type { Docker } from '../../../lib/engine/connect.ts'
import { dockerConfig, reportOf, runCli } from '../support/cli.ts'
import { hostOf, liveEngine } from '../support/engine.ts'
import { pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { IDLE } from './fidelity-cases.ts'

const PROJECT = 'composed'
const TOOL = process.env['DOCKER_COMPOSE'] ?? 'docker-compose'
const SERVICES = ['db', 'web'] as const
type Service = (typeof SERVICES)[number]

let docker: Docker
let registry: LiveRegistry
let login: ReturnType<typeof dockerConfig>
const folder = mkdtempSync(join(tmpdir(), 'compose-'))
const image = (service: Service): string => `${registry.host}/acme/${service}:latest`

const release = async (service: Service, version: string): Promise<string> => {
  const settings = {
    Cmd: IDLE,
    Labels: { version },
    Env: ['PATH=/bin', `VERSION=${version}`],
    Volumes: { '/cache': {} },
  }
  return pushImage(registry, `acme/${service}`, 'latest', settings)
}

before(async () => {
  docker = await liveEngine()
  registry = await startRegistry()
  login = dockerConfig(registry, registry.password)
  const project = {
    version: '2.4',
    services: {
      db: { image: image('db'), volumes: ['data:/data'], environment: { OWN: 'db' }, restart: 'always' },
      web: {
        image: image('web'),
        depends_on: ['db'],
        hostname: 'web.example.org',
        networks: { default: { aliases: ['www'] }, back: {} },
        ports: ['127.0.0.1::8000'],
        tmpfs: ['/run'],
        mem_limit: '64m',
        stop_grace_period: '5s',
        logging: { driver: 'json-file', options: { 'max-size': '1m' } },
      },
    },
    volumes: { data: {} },
    networks: { back: {} },
  }
  writeFileSync(join(folder, 'compose.yml'), JSON.stringify(project)) // JSON is YAML
})

after(async () => {
  await compose('down', '--volumes', '--timeout', '1')
  rmSync(folder, { recursive: true, force: true })
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
})

async function compose(...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir }
  const file = join(folder, 'compose.yml')
  const { stdout, stderr } = await promisify(execFile)(TOOL, ['-p', PROJECT, '-f', file, ...args], { env })
  return stdout + stderr
}

/** The containers of the project: service → id. */
async function ids(): Promise<Record<string, string>> {
  const found = await docker.containers.list({
    all: true,
    filters: { label: [`com.docker.compose.project=${PROJECT}`] },
  })
  return Object.fromEntries(found.map(({ Id, Labels }) => [Labels['com.docker.compose.service'], Id]))
}

test('a project that was refreshed is what compose wants: "up" re-creates nothing', async (t) => {
  const version = (await compose('version', '--short')).trim()
  t.diagnostic(`compose ${version}`)
  for (const service of SERVICES) await release(service, 'v1')
  await compose('up', '-d')
  const first = await ids()
  assert.deepEqual(Object.keys(first).toSorted(), [...SERVICES])
  for (const service of SERVICES) await release(service, 'v2')

  const ran = await runCli(
    ['refresh', '--label', `com.docker.compose.project=${PROJECT}`, '--stable-for', '0.5', '--json'],
    { DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir },
  )

  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  assert.equal(reportOf(ran).recreated.length, SERVICES.length)
  const second = await ids()
  for (const service of SERVICES) {
    assert.notEqual(second[service], first[service])
    const { Config } = await docker.containers.inspect(second[service] as string)
    assert.equal(Config.Labels['version'], 'v2')
  }
  // Compose 1 hashes the image's id into the label config-hash, which nobody else can do for it: see the next test.
  await (version.startsWith('1.') ? compose('up', '-d', '--no-recreate') : compose('up', '-d'))
  assert.deepEqual(await ids(), second)
})

test('a plain "up" of compose 1 re-creates what was refreshed, and the report says so; of later ones it does not', async () => {
  const first = await ids()
  const old = (await compose('version', '--short')).trim().startsWith('1.')
  await release('web', 'v3')
  const ran = await runCli(['refresh', '--image', image('web'), '--all', '--stable-for', '0.5', '--json'], {
    DOCKER_HOST: hostOf(docker),
    DOCKER_CONFIG: login.dir,
  })
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  const [web] = reportOf(ran).containers
  assert.equal(
    web?.warnings.some((warning) => warning.includes('its next "up -d" re-creates the container')),
    old,
  )
  const second = await ids()
  assert.notEqual(second['web'], first['web'])

  if (old && (await docker.apiVersion()) !== '1.41') {
    // It reads a member of image inspects that engines since 25.0 leave out, whoever made the container.
    await assert.rejects(compose('up', '-d'), /ContainerConfig/)
    return
  }
  await compose('up', '-d')

  const third = await ids()
  assert.equal(third['web'] !== second['web'], old)
  const { Config, Mounts } = await docker.containers.inspect(third['web'] as string)
  assert.equal(Config.Labels['version'], 'v3')
  assert.ok(Mounts.some(({ Destination }) => Destination === '/cache'))
})
