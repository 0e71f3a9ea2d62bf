import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'

import { Secret } from '../../lib/base/secret.ts'
import { silentLog, systemClock, systemRandom } from '../../lib/base/system.ts'
import { Job } from '../../lib/server/job.ts'
import { createNotifier, type Notification } from '../../lib/server/notify.ts'
import { RUNTIME_IMAGE } from '../support/refresh-world.ts'
import { REFRESH, serviceWorld } from '../support/service.ts'

const SECRET = 'notify-secret-0123456789'

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly notification: Notification
}

function notified() {
  const sent: Sent[] = []
  const post = async (_: string, headers: Sent['headers'], body: string): Promise<number> => {
    const { 'Dockline-Timestamp': at, 'Dockline-Signature-256': signature } = headers
    assert.equal(signature, `sha256=${createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex')}`)
    sent.push({ headers, notification: JSON.parse(body) as Notification })
    return 204
  }
  const made = serviceWorld({ notify: { url: 'https://n.example', secret: new Secret(SECRET), post } })
  const changes = (): string[] =>
    sent.map(({ notification: { change } }) => `${change.subject} ${change.name} ${change.state}`)
  const settled = async (count: number): Promise<void> => {
    for (let tries = 0; tries < 500 && sent.length < count; tries++)
      await new Promise((resolve) => setImmediate(resolve))
  }
  return { ...made, changes, settled }
}

test('every change of state is told once, signed; what stays as it is is not', async () => {
  const { ask, world, changes, settled } = notified()
  const image = RUNTIME_IMAGE('hermes')
  await ask('POST', `${REFRESH}?runtime=hermes`)
  await settled(2)
  assert.deepEqual(changes(), [`image ${image} updated`, 'container ws-1 removed'])
  await ask('POST', `${REFRESH}?runtime=hermes`)
  world.registry.delete(image)
  await ask('POST', `${REFRESH}?runtime=hermes`)
  await ask('POST', `${REFRESH}?runtime=hermes`)
  await settled(3)
  assert.deepEqual(changes().slice(2), [`image ${image} failed`])
  world.registry.set(image, world.images.get(image) as string)
  await ask('POST', `${REFRESH}?runtime=hermes`)
  await settled(4)
  assert.deepEqual(changes().slice(3), [`image ${image} ok`])
})

test('an engine that goes away and comes back is two notifications, and a plan is none', async () => {
  const { ask, world, changes, settled } = notified()
  await ask('POST', `${REFRESH}?dryRun=true`)
  world.away = true
  await ask('POST', `${REFRESH}?runtime=crewai`)
  await ask('POST', `${REFRESH}?runtime=crewai`)
  world.away = false
  world.images.set(RUNTIME_IMAGE('crewai'), world.registry.get(RUNTIME_IMAGE('crewai')) as string)
  await ask('POST', `${REFRESH}?runtime=crewai`)
  await settled(2)
  assert.deepEqual(changes(), ['engine engine failed', 'engine engine ok'])
})

/** A job that moved one container. */
async function movedOne(): Promise<Job> {
  const request = { targets: [], recreate: true, dryRun: false, strategy: 'replace', retry: false } as const
  const job = new Job('job', { by: 'ci', requestId: 'r' }, request, systemClock)
  await job.run(async () => ({
    pulled: [],
    failed: [],
    recreated: ['c'],
    images: [],
    containers: [{ name: 'c', id: '1', image: 'i', outcome: 'replaced', warnings: [] }],
    matched: 1,
    recovered: [],
    cleaned: [],
    warnings: [],
    dryRun: false,
    interrupted: false,
    startedAt: '',
    durationMs: 1,
  }))
  return job
}

for (const [what, answers, tries, pauses, outcome] of [
  ['is taken at once', [200], 1, [], 'delivered'],
  ['is tried again after failures, with longer pauses', [500, 'reset', 429, 200], 4, [1000, 4000, 16_000], 'delivered'],
  ['is given up when it is refused', [400, 200], 1, [], 'failed'],
  ['is given up after five tries', [500, 500, 500, 500, 500, 200], 5, [1000, 4000, 16_000, 64_000], 'failed'],
] as const) {
  test(`a notification ${what}; every try has the same id`, async () => {
    const ids: string[] = []
    const paused: number[] = []
    const outcomes: string[] = []
    const left: (number | string)[] = [...answers]
    const notifier = createNotifier({
      url: 'https://n.example',
      secret: new Secret(SECRET),
      clock: { ...systemClock, sleep: async (ms) => void paused.push(ms) },
      random: { ...systemRandom, fraction: () => 0.5 },
      log: silentLog,
      metrics: { notification: (one) => void outcomes.push(one) },
      post: async (_, __, body) => {
        ids.push((JSON.parse(body) as Notification).id)
        const answer = left.shift()
        if (typeof answer !== 'number') throw new Error(answer)
        return answer
      },
    })
    await notifier.ended(await movedOne())
    await notifier.idle()
    assert.deepEqual([ids.length, new Set(ids).size, paused, outcomes], [tries, 1, pauses, [outcome]])
  })
}
