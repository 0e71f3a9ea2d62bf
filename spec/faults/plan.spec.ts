// A plan tells what a refresh will do: both run over every world of the fault loop, and over what registries refuse.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError, CredentialError, type DockerError } from '../../lib/base/errors.ts'
import { formatReference } from '../../lib/base/reference.ts'
import { hasFailures, type ContainerReport, type ImageReport, type RefreshReport } from '../../lib/refresh/report.ts'
import { refresh, type RefreshPorts } from '../../lib/refresh/refresh.ts'
import { remoteOf } from '../support/watching.ts'
import { APP, BEFORE, GOOD, one, type Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { openWorld, optionsOf } from './world.ts'

interface Both {
  readonly plan: RefreshReport
  readonly done: RefreshReport
}

/** Plans, then refreshes, in one world. `refused` is what the registry says to the plan instead. */
async function planAndRefresh(scenario: Scenario, refused?: DockerError): Promise<Both> {
  await using world = await openWorld(scenario)
  const process = await world.start('process-1')
  const released = { ...(scenario.images ?? BEFORE), ...scenario.release }
  const remote: RefreshPorts['remote'] = {
    digest: async (ref, wanted = {}) => {
      if (refused !== undefined) throw refused
      const made = released[formatReference(ref)] ?? assert.fail(`nobody released ${formatReference(ref)}`)
      const answer = remoteOf(made, wanted)
      return wanted.known?.includes(answer.digest) === true ? { ...answer, platformDigest: undefined } : answer
    },
  }
  const wrong = async () => ({ auth: { username: 'nobody', password: 'wrong' }, source: 'the spec' })
  const credentials = refused === undefined ? process.ports.credentials : { resolve: wrong }
  const ports = { ...process.ports, credentials, remote }
  const before = world.engine.calls.length
  const plan = await refresh(ports, { ...optionsOf(scenario, process), dryRun: true })
  const changes = world.engine.calls.slice(before).filter(({ method }) => method !== 'GET' && method !== 'HEAD')
  assert.deepEqual(changes, [], 'a plan changes nothing')
  return { plan, done: await refresh(ports, optionsOf(scenario, process)) }
}

const IMAGES: Readonly<Record<ImageReport['outcome'], ImageReport['outcome']>> = {
  updated: 'updated',
  current: 'current',
  pinned: 'pinned',
  local: 'local',
  unknown: 'failed',
  failed: 'failed',
}

// A plan does not run the image: one that is tried may be rolled back, or with start-first be taken away again.
const CONTAINERS: Readonly<Record<ContainerReport['outcome'], readonly ContainerReport['outcome'][]>> = {
  replaced: ['replaced', 'rolled-back', 'failed'],
  removed: ['removed'],
  current: ['current'],
  skipped: ['skipped'],
  unknown: ['skipped'],
  failed: ['failed'],
  'rolled-back': [],
}

function assertTold({ plan, done }: Both): void {
  assert.deepEqual(
    plan.images.map(({ ref, outcome }) => [ref, IMAGES[outcome]]),
    done.images.map(({ ref, outcome }) => [ref, outcome]),
  )
  assert.deepEqual(
    plan.containers.map(({ name }) => name),
    done.containers.map(({ name }) => name),
  )
  const canaryFailed = done.containers.some(({ outcome }) => outcome === 'rolled-back' || outcome === 'failed')
  for (const [i, { name, outcome, reason = '' }] of plan.containers.entries()) {
    const seen = done.containers[i]
    const isSpared = canaryFailed && outcome === 'replaced' && seen?.outcome === 'skipped'
    const told = `${name}: planned ${outcome} ${reason}, came to ${seen?.outcome} ${seen?.reason ?? ''}`
    assert.ok(isSpared || CONTAINERS[outcome].includes(seen?.outcome ?? 'failed'), told)
  }
  if (hasFailures(plan)) assert.equal(hasFailures(done), true, 'what a plan fails at, a refresh does too')
}

// Where an earlier process has died a refresh recovers first, which a plan does not do.
for (const scenario of SCENARIOS.filter(({ died }) => died === undefined)) {
  test(`${scenario.name} on ${scenario.profile}: the plan tells what the refresh does`, async () => {
    assertTold(await planAndRefresh(scenario))
  })
}

const BAD: Readonly<Record<string, readonly [Partial<Scenario>, DockerError | undefined]>> = {
  'refused credentials': [{}, new CredentialError('CREDENTIALS_REJECTED', 'the login was refused')],
  'missing credentials': [{}, new CredentialError('CREDENTIALS_MISSING', 'a login is needed')],
  'a tag that is gone': [{}, new ApiError('NOT_FOUND', 'no such tag')],
  'another architecture': [
    { release: { [APP]: { manifests: [{ config: { Cmd: ['/serve'] }, architecture: 's390x' }] } } },
    undefined,
  ],
}

for (const [what, [extra, refused]] of Object.entries(BAD)) {
  for (const profile of ['20.10', '28', '28-containerd', 'podman'] as const) {
    test(`${what} on ${profile}: unknown in the plan, and the refresh fails`, async () => {
      const scenario: Scenario = { name: what, profile, containers: one, release: GOOD, ...extra }
      const both = await planAndRefresh(scenario, refused)
      assert.equal(both.plan.images[0]?.outcome, 'unknown')
      assert.equal(hasFailures(both.plan), true)
      assertTold(both)
    })
  }
}
