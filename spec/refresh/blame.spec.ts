// What a failed replacement says of its image: the cause as a code, and whether the image is quarantined.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refresh, type RefreshOptions } from '../../lib/refresh/refresh.ts'
import type { ContainerReport, RefreshReport } from '../../lib/refresh/report.ts'
import type { ContainerSeed, ModelImage } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version, type Stage } from '../support/stage.ts'

const CHECK = { Healthcheck: { Test: ['CMD', '/check'], Interval: 1e9, Timeout: 1e9, Retries: 1 } }
const PATIENT = { Healthcheck: { ...CHECK.Healthcheck, Retries: 1000 } }
const PROBED = { Labels: { 'dockline.probe': 'tcp:8000' } }
const PORT = { HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] } } }
const ALWAYS = { HostConfig: { RestartPolicy: { Name: 'always' } } }

const markOf = async ({ docker }: Stage): Promise<string[]> =>
  (await docker.images.list()).flatMap(({ RepoTags }) => RepoTags.filter((tag) => tag.includes('dockline-quarantine')))

interface Case {
  readonly what: string
  readonly cause: string
  readonly container?: object
  readonly image?: ModelImage
  readonly options?: Partial<RefreshOptions>
  /** Done by somebody else while the new container is in its gate, or before it starts. */
  readonly meanwhile?: (stage: Stage) => Promise<unknown>
  readonly phase?: 'gate' | 'stop'
}

async function outcomeOf(
  stage: Stage,
  { container, image, options, meanwhile, phase = 'gate' }: Case,
): Promise<ContainerReport> {
  const { docker, model } = stage
  const body = { Image: APP, ...container }
  await docker.containers.create(body, { name: 'ws-1' })
  await docker.containers.start('ws-1')
  model.publish(APP, version(2, image))
  let acted: Promise<unknown> | undefined
  const report = await refresh(
    { ...stage.ports, prober: { tcp: async () => false, http: async () => undefined } },
    {
      ...everything,
      gate: { stableFor: 2000, healthTimeout: 5000 },
      ...options,
      selection: { names: ['ws-1'] },
      onEvent: (event) => {
        if (event.type === 'phase' && event.phase === phase) acted ??= meanwhile?.(stage)
      },
    },
  )
  await acted
  return report.containers[0] as ContainerReport
}

const OWN: readonly Case[] = [
  { what: 'exits', cause: 'exited', image: { behaviour: { process: { exits: 3, after: 100 } } } },
  {
    what: 'exits and is started again by its policy',
    cause: 'restarted',
    container: ALWAYS,
    image: { behaviour: { process: { exits: 3, after: 100 } } },
  },
  { what: 'turns unhealthy', cause: 'unhealthy', image: { config: CHECK, behaviour: { health: 'unhealthy' } } },
  {
    what: 'is never healthy',
    cause: 'unready',
    image: { config: PATIENT, behaviour: { health: { healthyAfter: 9e9 } } },
  },
  { what: 'does not answer its probe', cause: 'unanswered', container: PROBED },
]
for (const one of OWN) {
  test(`a new container that ${one.what} is ${one.cause}, and its image is quarantined`, async () => {
    const stage = await setStage()
    const container = await outcomeOf(stage, one)
    assert.equal(container.outcome, 'rolled-back', container.reason)
    assert.equal(container.cause, one.cause)
    assert.equal((await markOf(stage)).length, 1)
  })
}

const OF_OTHERS: readonly Case[] = [
  {
    what: 'a user removes by force',
    cause: 'removed',
    meanwhile: ({ docker }) => docker.containers.remove('ws-1', { force: true }),
  },
  { what: 'a user stops', cause: 'stopped', meanwhile: ({ docker }) => docker.containers.stop('ws-1') },
  { what: 'a user kills', cause: 'stopped', meanwhile: ({ docker }) => docker.containers.kill('ws-1') },
  {
    what: 'lacks its program',
    cause: 'start-refused',
    image: { behaviour: { process: { missing: '/serve' } } },
  },
  {
    what: 'finds its port taken',
    cause: 'port-taken',
    container: { ExposedPorts: { '80/tcp': {} }, ...PORT },
    phase: 'stop',
    meanwhile: async ({ docker }) => {
      await docker.containers.create({ Image: APP, ExposedPorts: { '80/tcp': {} }, ...PORT }, { name: 'thief' })
      while ((await docker.containers.inspect('ws-1')).State.Running) await new Promise(setImmediate)
      await docker.containers.start('thief')
    },
  },
]
for (const one of OF_OTHERS) {
  test(`a new container that ${one.what} is ${one.cause}, and its image is not quarantined`, async () => {
    const stage = await setStage()
    const container = await outcomeOf(stage, one)
    assert.equal(container.cause, one.cause, container.reason)
    assert.deepEqual(await markOf(stage), [])
  })
}

test('a new container that a user restarts is not held against its image', async () => {
  const stage = await setStage({ images: { [APP]: version(1) } })
  const container = await outcomeOf(stage, {
    what: '',
    cause: '',
    image: { behaviour: { stopsAfter: 500 } },
    meanwhile: ({ docker }) => docker.containers.restart('ws-1'),
  })
  assert.notEqual(container.cause, 'exited', container.reason)
  assert.deepEqual(await markOf(stage), [])
})

test('an interrupt is no failure of the image', async () => {
  const stage = await setStage()
  const stop = new AbortController()
  const container = await outcomeOf(stage, {
    what: '',
    cause: '',
    options: { signal: stop.signal },
    meanwhile: async () => stop.abort(new Error('SIGINT')),
  })
  assert.equal(container.cause, 'interrupted')
  assert.deepEqual(await markOf(stage), [])
})

test('calls that are lost are no failure of the image', async () => {
  const stage = await setStage()
  const container = await outcomeOf(stage, {
    what: '',
    cause: '',
    meanwhile: async ({ model }) => {
      model.faults = ({ method }) => (method === 'GET' ? { kind: 'before', action: 'lose' } : undefined)
    },
  })
  stage.model.faults = undefined
  assert.equal(container.cause, 'call-lost', container.reason)
  assert.deepEqual(await markOf(stage), [])
})

test('a proxy that passes no events leaves it to the exit code: above 128 nobody is blamed', async () => {
  for (const [exits, cause] of [
    [3, 'exited'],
    [137, 'ended'],
  ] as const) {
    const stage = await setStage()
    stage.model.faults = ({ path }) => (path.endsWith('/events') ? { kind: 'before', action: 'error' } : undefined)
    const container = await outcomeOf(stage, {
      what: '',
      cause,
      image: { behaviour: { process: { exits, after: 100 } } },
    })
    assert.equal(container.cause, cause)
    assert.equal((await markOf(stage)).length, exits === 3 ? 1 : 0)
  }
})

const MIRROR = 'registry.example.org/mirror/app:latest'
const BROKEN = version(2, { behaviour: { process: { exits: 3, after: 100 } } })
const two: readonly ContainerSeed[] = [
  { name: 'ws-1', Image: APP },
  { name: 'ws-2', Image: MIRROR },
]
const run = (stage: Stage, options: Partial<RefreshOptions>): Promise<RefreshReport> =>
  refresh(stage.ports, { ...everything, ...options })

for (const profile of ['20.10', '28-containerd', 'podman'] as const) {
  test(`another repository that has the same image is not quarantined with it (${profile})`, async () => {
    const images = { [APP]: version(1), [MIRROR]: version(1) }
    const stage = await setStage({ profile, images, containers: two })
    stage.model.publish(APP, BROKEN)
    stage.model.publish(MIRROR, BROKEN)
    await run(stage, { selection: { names: ['ws-1'] } })
    const again = await run(stage, { selection: { names: ['ws-1'] } })
    assert.equal(again.containers[0]?.cause, 'rolled-back-before')
    const other = await run(stage, { selection: { names: ['ws-2'] } })
    assert.equal(other.containers[0]?.outcome, 'rolled-back')
  })

  test(`a mark that an earlier version made by the image's id alone still holds (${profile})`, async () => {
    const stage = await setStage({ profile, containers: [{ name: 'ws-1', Image: APP }] })
    stage.model.publish(APP, version(2))
    const { id } = await stage.docker.images.pull(APP)
    await stage.docker.images.tag(id, { repo: 'dockline-quarantine', tag: id.replace('sha256:', '').slice(0, 32) })
    const held = await run(stage, {})
    assert.equal(held.containers[0]?.outcome, 'skipped')
    const tried = await run(stage, { retry: true })
    assert.equal(tried.containers[0]?.outcome, 'replaced')
    assert.deepEqual(await markOf(stage), [])
  })
}
