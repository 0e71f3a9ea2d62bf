// Other people's programs against the model engine and a real one, side by side: `npm run suites -- [PART…]`, a part of a
// suite's name. Nothing is fetched: a part whose program is not installed is left out, and said so. The real engine is that of
// DOCKER_HOST; without one the model runs alone. SUITES_SHOW=1 shows every difference. SUITES_DOCKER and SUITES_COMPOSE name more
// programs (separated by ":"), SUITES_DOCKERODE a checkout of dockerode with its modules, SUITES_TESTCONTAINERS a folder with
// testcontainers in its node_modules, SUITES_DOCKER_PY a checkout of docker-py (and SUITES_PYTHON its python with pytest).
// SUITES_MIN holds what must be reached: `PART=COUNT,…` of steps that are the same.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { modelEngine, type ModelEngineOptions, type ProfileName } from '../../lib/testing/model/index.ts'
import { runCompose } from './compose.ts'
import { commandsOf, runDocker } from './docker-cli.ts'
import { busyboxSpec, dockerArchive } from './image.ts'
import { DOCKERODE_IMAGE, DOCKER_PY_IMAGE, runDockerPy, runDockerode } from './own-tests.ts'
import { stageOf } from './stage.ts'
import { rowOf, type Row, type Step } from './suite.ts'
import { runTestcontainers } from './testcontainers.ts'

interface Part {
  readonly suite: string
  readonly image: string
  /** What the model is given beside the image. */
  readonly model?: ModelEngineOptions
  run(host: string): Promise<Step[]>
}

const IMAGE = 'suites/busybox:1'
const real = process.env['DOCKER_HOST']
const profile = (process.env['SUITES_PROFILE'] ?? '28') as ProfileName
const wanted = process.argv.slice(2)
const spec = await busyboxSpec()
const archives = new Map<string, Uint8Array>()

/** Programs by their names in the environment, and those that are where packages put them, each version once. */
function programs(variable: string, ...usual: string[]): { program: string; version: string }[] {
  const named = (process.env[variable] ?? '').split(':').filter((name) => name !== '')
  const found = new Map<string, string>()
  for (const program of [...named, ...usual]) {
    const version = versionOf(program)
    if (version !== undefined && ![...found.values()].includes(version)) found.set(program, version)
  }
  return Array.from(found, ([program, version]) => ({ program, version }))
}

function versionOf(program: string): string | undefined {
  for (const args of [['--version'], ['version']]) {
    try {
      const said = execFileSync(program, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 20_000,
      })
      const version = /\d+\.\d+\.\d+/.exec(said)?.[0]
      if (version !== undefined) return version
    } catch {
      // not installed, or it knows the other way to ask only
    }
  }
  return undefined
}

async function cli(program: string, list: 'everyday' | 'failing', host: string): Promise<Step[]> {
  await using stage = await stageOf(host, program, IMAGE, `suite${process.pid}`)
  const steps: Step[] = []
  for (const [i, command] of commandsOf(list).entries())
    steps.push({ name: `${i + 1} ${command.args.join(' ')}`, ...(await runDocker(stage, command)) })
  return steps
}

async function compose(program: string, host: string): Promise<Step[]> {
  await using stage = await stageOf(host, program, IMAGE, `suite${process.pid}`)
  return await runCompose(stage)
}

function parts(): Part[] {
  const all: Part[] = []
  for (const { program, version } of programs('SUITES_DOCKER', 'docker', '/usr/bin/docker'))
    for (const list of ['everyday', 'failing'] as const)
      all.push({ suite: `docker CLI ${version}, ${list}`, image: IMAGE, run: (host) => cli(program, list, host) })
  for (const { program, version } of programs(
    'SUITES_COMPOSE',
    'docker-compose',
    '/usr/libexec/docker/cli-plugins/docker-compose',
    '/usr/lib/docker/cli-plugins/docker-compose',
  ))
    all.push({ suite: `compose ${version}`, image: IMAGE, run: (host) => compose(program, host) })
  const dockerode = process.env['SUITES_DOCKERODE']
  if (isFolder(dockerode))
    all.push({ suite: "dockerode's own tests", image: DOCKERODE_IMAGE, run: (host) => runDockerode(dockerode, host) })
  const testcontainers = process.env['SUITES_TESTCONTAINERS']
  if (isFolder(testcontainers))
    all.push({
      suite: 'testcontainers',
      image: IMAGE,
      model: { programs: { 'httpd *': { serves: (connection) => void connection.resume() } } },
      run: (host) => runTestcontainers(testcontainers, host, IMAGE),
    })
  const dockerPy = process.env['SUITES_DOCKER_PY']
  const python = process.env['SUITES_PYTHON'] ?? '/usr/bin/python3'
  if (isFolder(dockerPy))
    all.push({
      suite: "docker-py's own tests",
      image: DOCKER_PY_IMAGE,
      run: (host) => runDockerPy(dockerPy, host, python),
    })
  return all.filter(({ suite }) => wanted.length === 0 || wanted.some((part) => suite.includes(part)))
}

function isFolder(path: string | undefined): path is string {
  return path !== undefined && path !== '' && existsSync(path)
}

async function onModel({ image, model }: Part, run: (host: string) => Promise<Step[]>): Promise<Step[]> {
  await using engine = modelEngine({
    profile,
    images: { [image]: spec },
    unknownPrograms: 'refuse',
    hostPaths: existsSync,
    ports: 'bind',
    ...model,
  })
  await using listening = await engine.listen()
  return await run(listening.host)
}

/** Runs with the image loaded, and takes it away again when it was not there before. */
async function onReal<T>(host: string, image: string, run: (host: string) => Promise<T>): Promise<T> {
  const docker = (...args: string[]): void => {
    execFileSync('docker', args, { env: { PATH: process.env['PATH'], DOCKER_HOST: host }, stdio: 'ignore' })
  }
  const dir = mkdtempSync(join(tmpdir(), 'dockline-suite-'))
  try {
    const archive = archives.get(image) ?? (await dockerArchive(spec, image))
    archives.set(image, archive)
    writeFileSync(join(dir, 'image.tar'), archive)
    docker('load', '-i', join(dir, 'image.tar'))
    return await run(host)
  } finally {
    rmSync(dir, { recursive: true })
    try {
      docker('rmi', '-f', image)
    } catch {
      // a suite removed it
    }
  }
}

const chosen = parts()
const rows: Row[] = []
for (const part of chosen) {
  const { suite, image } = part
  const run = (host: string): Promise<Step[]> => part.run(host)
  const model = await onModel(part, run)
  rows.push(rowOf(suite, model, real === undefined ? undefined : await onReal(real, image, run)))
  console.log(JSON.stringify(rows.at(-1)))
}
console.table(rows)
for (const name of ['docker CLI', 'compose', 'dockerode', 'testcontainers', 'docker-py'])
  if (!chosen.some(({ suite }) => suite.includes(name)) && wanted.length === 0) console.log(`${name}: not installed`)
for (const [part = '', least] of (process.env['SUITES_MIN'] ?? '').split(',').map((item) => item.split('=')))
  for (const { suite, same, model } of rows.filter((row) => part !== '' && row.suite.includes(part)))
    if ((same ?? model) < Number(least)) {
      console.error(`${suite}: ${same ?? model} of at least ${least}`)
      process.exitCode = 1
    }
