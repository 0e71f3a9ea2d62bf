// The order of compose: what a service needs is over, gate and all, before the service is touched.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refresh } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import type { ContainerSeed, ModelImage } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version } from '../support/stage.ts'

const OTHER = 'registry.example.org/acme/other:latest'
const THIRD = 'registry.example.org/acme/third:latest'

const service = (name: string, depends = '', Image = APP, restart = 'false'): ContainerSeed => ({
  name,
  Image,
  Labels: {
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': name,
    'com.docker.compose.depends_on': depends
      .split(' ')
      .filter((one) => one !== '')
      .map((one) => `${one}:service_started:${restart}`)
      .join(','),
  },
})

interface Ran {
  readonly report: RefreshReport
  /** Names in the order in which they were begun (`+`) and ended (`-`). */
  readonly order: readonly string[]
  readonly restarts: number
}

async function moveAll(
  containers: readonly ContainerSeed[],
  broken: Readonly<Record<string, ModelImage>> = {},
  names?: readonly string[],
): Promise<Ran> {
  const images = Object.fromEntries([APP, OTHER, THIRD].map((ref) => [ref, version(1)]))
  const stage = await setStage({ images, containers })
  for (const ref of Object.keys(images)) stage.model.publish(ref, broken[ref] ?? version(2))
  const order: string[] = []
  const report = await refresh(stage.ports, {
    ...everything,
    ...(names === undefined ? {} : { selection: { names } }),
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'create') order.push(`+${event.name}`)
      if (event.type === 'container' && event.container.outcome !== 'current') order.push(`-${event.container.name}`)
    },
  })
  return { report, order, restarts: stage.changes().filter((change) => change.endsWith('/restart')).length }
}

const byName = ({ report }: Ran, name: string) => report.containers.find((one) => one.name === name)

test('a chain of one image is moved one after the other, each waiting for the gate before it', async () => {
  const ran = await moveAll([service('web', 'cache'), service('cache', 'db'), service('db')])
  assert.deepEqual(ran.order, ['+db', '-db', '+cache', '-cache', '+web', '-web'])
})

test('a chain that goes back and forth between two images is moved in its order', async () => {
  const ran = await moveAll([service('web', 'cache'), service('cache', 'db', OTHER), service('db')])
  assert.deepEqual(ran.order, ['+db', '-db', '+cache', '-cache', '+web', '-web'])
})

test('a service waits also for one that it needs through another that does not move', async () => {
  const chain = [service('web', 'cache', THIRD), service('cache', 'db', OTHER), service('db')]
  const ran = await moveAll(chain, {}, ['web', 'db'])
  assert.deepEqual(ran.order, ['+db', '-db', '+web', '-web'])
})

test('services that need the same one are moved side by side after it', async () => {
  const ran = await moveAll([service('a1', 'db'), service('b1', 'db'), service('db')])
  assert.deepEqual(ran.order.slice(0, 4), ['+db', '-db', '+b1', '+a1'])
})

test('what needs a service that was rolled back is left as it is, with the reason', async () => {
  const broken = { [APP]: version(2, { behaviour: { process: { exits: 1, after: 100 } } }) }
  const ran = await moveAll([service('web', 'cache', THIRD), service('cache', 'db', OTHER), service('db')], broken)
  assert.equal(byName(ran, 'db')?.outcome, 'rolled-back')
  assert.equal(byName(ran, 'cache')?.cause, 'dependency-failed')
  assert.match(byName(ran, 'cache')?.reason ?? '', /it needs db, which was not moved/)
  assert.equal(byName(ran, 'web')?.cause, 'dependency-failed')
})

test('a circle, which compose refuses, does not hang', async () => {
  const ran = await moveAll([service('a1', 'b1'), service('b1', 'a1')])
  assert.deepEqual(ran.report.recreated.toSorted(), ['a1', 'b1'])
})

test('who asks for a restart after several services gets one, after the last of them', async () => {
  const chain = [service('cron', 'db cache', THIRD, 'true'), service('cache', 'db', OTHER), service('db')]
  const ran = await moveAll(chain, { [THIRD]: version(1) })
  assert.equal(ran.restarts, 1)
})
