// Which container goes first, and what becomes of the others when it fails.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { ContainerReport, RefreshReport } from '../../lib/refresh/report.ts'
import type { ContainerSeed } from '../../lib/testing/model/index.ts'
import type { Program } from '../../lib/testing/model/behaviour.ts'
import { APP, everything, setStage, version, type Stage } from '../support/stage.ts'

const app = (name: string, extra: object = {}): ContainerSeed => ({ name, Image: APP, ...extra })
const OLD_FLAG = { Cmd: ['/serve', '--old-flag'] }
/** A release whose program takes no --old-flag. */
const STRICT = version(2, { config: { Entrypoint: ['/strict'] } })
const programs: Program = (argv) =>
  argv[0] === '/strict' && argv.includes('--old-flag') ? { process: { exits: 2, after: 100 } } : undefined
const BROKEN = version(2, { behaviour: { process: { exits: 3, after: 100 } } })

/** An engine lists the newest first: these are listed as they stand. */
const stageOf = (containers: readonly ContainerSeed[]): Promise<Stage> =>
  setStage({ containers: containers.toReversed(), programs })

const run = (stage: Stage, options: Partial<RefreshOptions> = {}, fraction = 0): Promise<RefreshReport> =>
  refresh(
    { ...stage.ports, random: { ...stage.ports.random, fraction: () => fraction } },
    { ...everything, ...options },
  )
const told = ({ containers }: RefreshReport, name: string): ContainerReport =>
  containers.find((one) => one.name === name) as ContainerReport
const outcomes = ({ containers }: RefreshReport): Record<string, string> =>
  Object.fromEntries(containers.map(({ name, outcome, cause }) => [name, cause ?? outcome]))

test('the others are told which canary failed, of what, and the way out', async () => {
  const stage = await stageOf(['ws-1', 'ws-2', 'ws-3'].map((name) => app(name)))
  stage.model.publish(APP, BROKEN)
  const { reason = '', cause } = told(await run(stage), 'ws-3')
  assert.equal(cause, 'canary-failed')
  assert.match(reason, /^canary failed: ws-1 was rolled back \(.*exit code 3\)/)
  assert.match(reason, /push another image, or try this one again with --retry/)
})

test('chance decides among equals which one goes first', async () => {
  const firsts = new Set<string>()
  for (const fraction of [0, 0.5, 0.9]) {
    const stage = await stageOf(['ws-1', 'ws-2', 'ws-3'].map((name) => app(name)))
    stage.model.publish(APP, BROKEN)
    const report = await run(stage, {}, fraction)
    for (const { name, outcome } of report.containers) if (outcome === 'rolled-back') firsts.add(name)
  }
  assert.deepEqual([...firsts], ['ws-1', 'ws-2', 'ws-3'])
})

test('one with a probe goes before one that could only run for a while', async () => {
  const stage = await stageOf([app('ws-1'), app('ws-2', { Labels: { 'dockline.probe': 'tcp:1' } })])
  stage.model.publish(APP, BROKEN)
  assert.equal(told(await run(stage), 'ws-2').outcome, 'rolled-back')
})

test('a canary that its own settings keep from running starves nobody', async () => {
  const stage = await stageOf([app('ws-1', OLD_FLAG), app('ws-2'), app('ws-3')])
  stage.model.publish(APP, STRICT)
  assert.deepEqual(outcomes(await run(stage)), { 'ws-1': 'exited', 'ws-2': 'replaced', 'ws-3': 'replaced' })
})

test('a container that its own settings keep from running is not tried again until the tag moves', async () => {
  const stage = await stageOf([app('ws-1', OLD_FLAG), app('ws-2')])
  stage.model.publish(APP, STRICT)
  await run(stage)
  assert.deepEqual(outcomes(await run(stage)), { 'ws-1': 'rolled-back-before', 'ws-2': 'current' })
  stage.model.publish(APP, version(3))
  assert.deepEqual(outcomes(await run(stage)), { 'ws-1': 'replaced', 'ws-2': 'replaced' })
})

test('one that has the settings of the failed canary is left alone with it', async () => {
  const stage = await stageOf([app('ws-1', OLD_FLAG), app('ws-2'), app('ws-3', OLD_FLAG)])
  stage.model.publish(APP, STRICT)
  const report = await run(stage)
  assert.deepEqual(outcomes(report), { 'ws-1': 'exited', 'ws-2': 'replaced', 'ws-3': 'canary-failed' })
})

test('an image that fails in containers of different settings is to blame after the second', async () => {
  const own = (n: number): object => ({ Cmd: ['/serve', `--own=${n}`] })
  const stage = await stageOf([1, 2, 3].map((n) => app(`ws-${n}`, own(n))))
  stage.model.publish(APP, BROKEN)
  assert.deepEqual(outcomes(await run(stage)), { 'ws-1': 'exited', 'ws-2': 'exited', 'ws-3': 'canary-failed' })
  const again = outcomes(await run(stage))
  assert.deepEqual(new Set(Object.values(again)), new Set(['rolled-back-before']))
})

test('values of the environment tell replicas apart and are no settings of their own', async () => {
  const stage = await stageOf([1, 2].map((n) => app(`ws-${n}`, { Env: [`TOKEN=${n}`] })))
  stage.model.publish(APP, BROKEN)
  assert.deepEqual(outcomes(await run(stage)), { 'ws-1': 'exited', 'ws-2': 'canary-failed' })
})

test('a canary whose port is taken is followed by the next one, and blames nothing', async () => {
  const port = {
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] } },
  }
  const stage = await stageOf([app('ws-1', port), app('ws-2')])
  await stage.docker.containers.create({ Image: APP, ...port }, { name: 'thief' })
  stage.model.publish(APP, version(2))
  let stolen: Promise<unknown> | undefined
  const report = await run(stage, {
    selection: { namePrefix: 'ws-' },
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'park')
        stolen ??= stage.docker.containers.start('thief').catch(() => {})
      if (event.type === 'phase' && event.phase === 'roll back')
        stolen = stolen?.then(() => stage.docker.containers.stop('thief'))
    },
  })
  await stolen
  assert.deepEqual(outcomes(report), { 'ws-1': 'port-taken', 'ws-2': 'replaced' })
})

test('when the engine itself is in trouble no second container is touched', async () => {
  const stage = await stageOf([app('ws-1'), app('ws-2', OLD_FLAG)])
  stage.model.publish(APP, version(2))
  let left = 3
  stage.model.faults = ({ method, path }) =>
    method === 'POST' && path.endsWith('/start') && left-- > 0 ? { kind: 'before', action: 'lose' } : undefined
  const report = await run(stage)
  assert.deepEqual(outcomes(report), { 'ws-1': 'call-lost', 'ws-2': 'canary-failed' })
  assert.match(told(report, 'ws-2').reason ?? '', /mend that, and refresh again/)
})

test('a retry after which the image proves itself takes every mark away', async () => {
  let broken = true
  const behaviour = {
    get process() {
      return broken ? { exits: 3, after: 100 } : undefined
    },
  }
  const stage = await stageOf([app('ws-1'), app('ws-2')])
  stage.model.publish(APP, version(2, { behaviour }))
  await run(stage)
  broken = false
  assert.deepEqual(outcomes(await run(stage, { retry: true })), { 'ws-1': 'replaced', 'ws-2': 'replaced' })
  const tags = (await stage.docker.images.list()).flatMap(({ RepoTags }) => RepoTags)
  assert.deepEqual(
    tags.filter((tag) => tag.includes('quarantine')),
    [],
  )
})

test('where the canary was interrupted the others are interrupted, not failed', async () => {
  const stage = await stageOf([app('ws-1'), app('ws-2')])
  stage.model.publish(APP, version(2))
  const stop = new AbortController()
  const report = await run(stage, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'gate') stop.abort(new Error('SIGINT'))
    },
  })
  assert.deepEqual(outcomes(report), { 'ws-1': 'interrupted', 'ws-2': 'interrupted' })
})
