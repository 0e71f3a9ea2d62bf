// Other people's programs against the model engine and a real one, side by side: `npm run suites -- [PART…]`.
// Nothing is fetched: a part whose program is not installed is left out, and said so. The real engine is that of
// DOCKER_HOST; without one the model runs alone. SUITES_SHOW=1 shows every difference.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { modelEngine, type ProfileName } from '../../lib/testing/model/index.ts'
import { commandsOf, runDocker } from './docker-cli.ts'
import { busyboxSpec, dockerArchive } from './image.ts'
import { stageOf, type Outcome } from './stage.ts'

interface Row {
  readonly suite: string
  readonly steps: number
  readonly same: number
  readonly otherCode: number
  readonly otherText: number
}

const IMAGE = 'suites/busybox:1'
const real = process.env['DOCKER_HOST']
const profile = (process.env['SUITES_PROFILE'] ?? '28') as ProfileName
const wanted = process.argv.slice(2)
const spec = await busyboxSpec()
const rows: Row[] = []

function versionOf(program: string): string | undefined {
  try {
    return /\d+\.\d+\.\d+/.exec(
      execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    )?.[0]
  } catch {
    return undefined
  }
}

async function cli(program: string, list: 'everyday' | 'failing', host: string): Promise<Outcome[]> {
  await using stage = await stageOf(host, program, IMAGE, `suite${process.pid}`)
  const outcomes: Outcome[] = []
  for (const command of commandsOf(list)) outcomes.push(await runDocker(stage, command))
  return outcomes
}

async function onModel<T>(run: (host: string) => Promise<T>): Promise<T> {
  await using engine = modelEngine({ profile, images: { [IMAGE]: spec } })
  await using listening = await engine.listen()
  return await run(listening.host)
}

function loadImage(host: string): void {
  const dir = mkdtempSync(join(tmpdir(), 'dockline-suite-'))
  try {
    const file = join(dir, 'image.tar')
    writeFileSync(file, archive)
    execFileSync('docker', ['load', '-i', file], {
      env: { PATH: process.env['PATH'], DOCKER_HOST: host },
      stdio: 'ignore',
    })
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function compare(suite: string, names: readonly string[], model: readonly Outcome[], engine: readonly Outcome[]): void {
  let [same, otherCode, otherText] = [0, 0, 0]
  for (const [i, mine] of model.entries()) {
    const theirs = engine[i]
    if (theirs === undefined) continue
    if (mine.code === theirs.code && mine.text === theirs.text) {
      same++
      continue
    }
    if (mine.code !== theirs.code) otherCode++
    else otherText++
    if (process.env['SUITES_SHOW'] !== undefined)
      console.log(`--- ${names[i]}\nmodel ${mine.code}: ${mine.text}\nreal  ${theirs.code}: ${theirs.text}`)
  }
  rows.push({ suite, steps: model.length, same, otherCode, otherText })
}

const archive = await dockerArchive(spec, IMAGE)
if (real !== undefined) loadImage(real)
for (const program of new Set([process.env['SUITES_DOCKER'] ?? 'docker', '/usr/bin/docker'])) {
  const version = versionOf(program)
  if (version === undefined) continue
  for (const list of ['everyday', 'failing'] as const) {
    const name = `docker CLI ${version}, ${list}`
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue
    const model = await onModel((host) => cli(program, list, host))
    const names = commandsOf(list).map(({ args }) => args.join(' '))
    if (real !== undefined) compare(name, names, model, await cli(program, list, real))
    else rows.push({ suite: name, steps: model.length, same: 0, otherCode: 0, otherText: 0 })
  }
}
if (real !== undefined)
  execFileSync('docker', ['rmi', IMAGE], { env: { PATH: process.env['PATH'], DOCKER_HOST: real }, stdio: 'ignore' })
console.table(rows)
