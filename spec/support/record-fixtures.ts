// Records every case of fixture-cases.ts from the engine at DOCKER_HOST into fixtures/engine/<engine>-<api>/.
//
//   DOCKER_HOST=unix:///var/run/docker.sock npm run record [CASE…]
//
// It starts a registry of its own; an engine that trusts none but its own list of registries (podman) is given one by
// RECORD_REGISTRY=http://user:password@127.0.0.1:5001. Everything that it makes is called testing-… and taken away again.
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { hasCode, messageOf } from '../../lib/base/errors.ts'
import { printJson } from '../../lib/base/json.ts'
import { encodeRegistryAuth } from '../../lib/base/registry-auth.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { record, type RecordOptions } from '../../lib/testing/record.ts'
import { CANARY } from './canary.ts'
import * as cases from './fixture-cases.ts'
import { ask } from './raw-http.ts'
import { TestRegistry, startRegistry } from './registry.ts'

const COMMANDS = ['sh', 'sleep', 'true', 'echo', 'cat']

await using docker = await connect()
await using registry = await openRegistry()
const place: cases.Place = {
  registry: registry.host,
  auth: registry.login,
  wrongAuth: { username: registry.login.username, password: `wrong-${registry.login.password}` },
}
const wanted = process.argv.slice(2)
const scrub = await scrubbing(docker)
const dir = join('fixtures', 'engine', await directoryName(docker))

await clean(docker)
await prepare(docker)
try {
  for (const fixture of cases.CASES) {
    const keep = wanted.length === 0 || wanted.includes(fixture.name)
    const { expected, words } = await runCase(fixture, keep)
    console.log(`${expected ? '' : 'UNEXPECTED '}${keep ? 'recorded' : 'made'} ${fixture.name}: ${words}`)
    if (!expected) process.exitCode = 1
  }
} finally {
  await clean(docker)
}

/** Runs a case through a recording socket and tells what came of it. */
async function runCase(fixture: cases.FixtureCase, keep: boolean): Promise<{ expected: boolean; words: string }> {
  const target = `unix://${socketOf(docker)}`
  const scratch = await mkdtemp(join(tmpdir(), 'dockline-record-'))
  try {
    await using recorder = await record({ ...scrub, target, dir: keep ? dir : scratch, name: fixture.name, env: {} })
    await using client = await connect({ host: recorder.host, apiVersion: await docker.apiVersion() })
    const result = await fixture.run(client, place)
    return { expected: fixture.fails === undefined, words: printJson(result ?? null).slice(0, 100) }
  } catch (error) {
    return { expected: hasCode(error, ...(fixture.fails ?? [])), words: messageOf(error, 200) }
  } finally {
    await rm(scratch, { recursive: true })
  }
}

async function openRegistry(): Promise<TestRegistry> {
  const given = process.env['RECORD_REGISTRY']
  if (given === undefined) return startRegistry(CANARY)
  const url = new URL(given)
  return new TestRegistry(url.host, { username: url.username, password: decodeURIComponent(url.password) })
}

/** `docker-28.5-1.51`, `docker-28.5c-1.51` with the containerd store, `podman-5.8-1.44`. */
async function directoryName(docker: Docker): Promise<string> {
  const version = await docker.version()
  const { DriverStatus } = await docker.info()
  const podman = version.Components.some(({ Name }) => Name.startsWith('Podman'))
  const containerd = DriverStatus.some(([name]) => name === 'driver-type')
  const number = version.Version.split('.').slice(0, 2).join('.')
  return `${podman ? 'podman' : 'docker'}-${number}${containerd ? 'c' : ''}-${await docker.apiVersion()}`
}

/** Nothing of this machine goes into a fixture: not its name, its kernel, its directories, nor the port of the registry. */
async function scrubbing(docker: Docker): Promise<Pick<RecordOptions, 'secrets' | 'replace'>> {
  const info = await docker.info()
  const { KernelVersion: kernel = 'none' } = await docker.version()
  const { username, password } = registry.login
  const root = String((info as { DockerRootDir?: string }).DockerRootDir)
  return {
    secrets: [
      password,
      `${username}:${password}`,
      encodeRegistryAuth(place.auth, registry.host),
      encodeRegistryAuth(place.wrongAuth, registry.host),
    ],
    replace: [
      [registry.host, cases.REPLAYED.registry],
      [`"${info.Name}"`, '"docker-host"'],
      [/"ID":"[-:0-9A-Za-z]{36,}"/, '"ID":"00000000-0000-0000-0000-000000000000"'],
      [kernel, '6.1.0-37-amd64'],
      [root, '/var/lib/engine'],
      [dirname(root), '/run/engine'],
    ],
  }
}

/** The image that the containers run, and those in the registry: busybox and links to it. */
async function prepare(docker: Docker): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'dockline-root-'))
  try {
    await mkdir(join(root, 'bin'))
    await cp('/bin/busybox', join(root, 'bin', 'busybox'))
    for (const command of COMMANDS) await symlink('busybox', join(root, 'bin', command))
    const tar = pack(root)
    const query = new URLSearchParams({ fromSrc: '-', repo: 'testing-base', tag: 'v1', changes: 'ENV PATH=/bin' })
    await ask(socketOf(docker), `POST /v1.41/images/create?${query.toString()}`, tar)
    // Another first layer than that of the imported image, so that a pull has something to download.
    await writeFile(join(root, 'etc-release'), 'busybox\n')
    const first = pack(root)
    await writeFile(join(root, 'release'), 'v1\n')
    const config = { Cmd: ['/bin/sh'], Env: ['PATH=/bin'], Labels: { 'org.opencontainers.image.version': 'v1' } }
    const second = pack(root, 'release')
    await registry.push(cases.APP, 'v1', [first, second], config)
    await writeFile(join(root, 'release'), 'lost\n')
    const [, lost = ''] = await registry.push(cases.BROKEN, 'v1', [first, pack(root, 'release')], config)
    await registry.lose(cases.BROKEN, lost)
  } finally {
    await rm(root, { recursive: true })
  }
}

function pack(root: string, name = '.'): Buffer {
  const options = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
  return spawnSync('tar', [...options, '-c', '-C', root, name], { maxBuffer: 16 << 20 }).stdout
}

async function clean(docker: Docker): Promise<void> {
  const { registry: host } = place
  const images = [cases.BASE, cases.TAGGED, `${host}/${cases.APP}:v1`]
  for (const name of cases.CONTAINERS) await absent(docker.containers.remove(name, { force: true, v: true }))
  for (const name of cases.NETWORKS) await absent(docker.networks.remove(name))
  await absent(docker.volumes.remove(cases.VOLUME))
  for (const name of images) await absent(docker.images.remove(name, { force: true }))
}

async function absent(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (!hasCode(error, 'NOT_FOUND')) throw error
  })
}

function socketOf({ endpoint }: Docker): string {
  if (endpoint.kind !== 'unix') throw new Error('record from a unix socket: DOCKER_HOST=unix:///…')
  return endpoint.socketPath
}
