import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { Secret } from '../../lib/base/secret.ts'
import { imageTarget } from '../../lib/refresh/index.ts'
import type { JobRecord } from '../../lib/server/schema/job.ts'
import { gate, imageIdOf } from '../support/refresh-world.ts'
import { REFRESH, serviceWorld, type ServiceWorld } from '../support/service.ts'

const SECRET = 'hook-secret-0123456789'
const hooks = { ghcr: new Secret(SECRET), dockerhub: new Secret(SECRET), distribution: new Secret(SECRET) }
const HUB = 'acme/hermes:stable'
const OWN = 'registry.example:5000/acme/hermes:latest'
const now = (): string => new Date().toISOString()

function hookWorld(): ServiceWorld & { deliver: typeof deliver } {
  const made = serviceWorld({
    hooks,
    settle: 50,
    setup: {
      targets: [imageTarget('ghcr.io/acme/hermes:latest'), imageTarget(HUB), imageTarget(OWN)],
      selection: { namePrefix: 'ws-' },
      strategy: 'remove',
    },
  })
  for (const ref of ['ghcr.io/acme/hermes:latest', `docker.io/${HUB}`, OWN])
    made.world.registry.set(ref, imageIdOf('new'))
  const deliver = (path: string, body: string, headers: Record<string, string>): Promise<Response> => {
    const all = { host: 'localhost', 'content-type': 'application/json', ...headers }
    return made.service.fetch(new Request(`http://localhost${path}`, { method: 'POST', headers: all, body }))
  }
  return { ...made, deliver }
}

const signed = (body: string, secret = SECRET): Record<string, string> => ({
  'x-github-event': 'package',
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
})

const ghcr = (options: { tag?: string; at?: string; name?: string; type?: string; url?: string } = {}): string =>
  JSON.stringify({
    action: 'published',
    package: {
      name: options.name ?? 'hermes',
      namespace: 'acme/hermes',
      package_type: options.type ?? 'CONTAINER',
      created_at: '2020-01-01T00:00:00Z',
      owner: { login: 'Acme' },
      package_version: {
        package_url: options.url ?? '',
        created_at: options.at ?? now(),
        container_metadata: { tag: { name: options.tag ?? 'latest', digest: 'sha256:0' } },
      },
    },
  })

const accepted = async (response: Response): Promise<string[]> => {
  assert.equal(response.status, 202, await response.clone().text())
  return ((await response.json()) as { accepted: string[] }).accepted
}

async function refreshes({ ask }: ServiceWorld, count: number): Promise<JobRecord[]> {
  for (let tries = 0; tries < 200; tries++) {
    const { jobs } = (await (await ask('GET', '/admin/jobs')).json()) as { jobs: JobRecord[] }
    if (jobs.length >= count && jobs.every(({ state }) => state === 'ended')) return jobs
    await sleep(20)
  }
  throw new Error(`no ${count} jobs came`)
}

test('GHCR: a signed package event refreshes the target of its reference, and no other', async () => {
  const world = hookWorld()
  const body = ghcr()
  assert.deepEqual(await accepted(await world.deliver('/hooks/ghcr', body, signed(body))), [
    'ghcr.io/acme/hermes:latest',
  ])
  const [job] = await refreshes(world, 1)
  assert.deepEqual([job?.by, job?.request.targets, job?.status], ['hook:ghcr', ['ghcr.io/acme/hermes:latest'], 200])
  assert.deepEqual(world.world.changes, ['pull ghcr.io/acme/hermes:latest'])
})

test('GHCR: registry_package is understood too, and the URL of the package names it', async () => {
  const world = hookWorld()
  const body = ghcr({ url: 'ghcr.io/Acme/hermes:latest', name: 'whatever' }).replace(
    '"package":',
    '"registry_package":',
  )
  const headers = { ...signed(body), 'x-github-event': 'registry_package' }
  assert.equal((await accepted(await world.deliver('/hooks/ghcr', body, headers))).length, 1)
})

test('GHCR: other tags, other packages, other ecosystems and other events are answered 202 and do nothing', async () => {
  const world = hookWorld()
  for (const body of [
    ghcr({ tag: 'v2' }),
    ghcr({ tag: '' }),
    ghcr({ name: 'hermes-evil' }),
    ghcr({ type: 'npm' }),
    ghcr({ url: 'ghcr.io/acme/hermes-evil:latest' }),
  ])
    assert.deepEqual(await accepted(await world.deliver('/hooks/ghcr', body, signed(body))), [])
  const ping = { ...signed('{"zen":"x"}'), 'x-github-event': 'ping' }
  assert.deepEqual(await accepted(await world.deliver('/hooks/ghcr', '{"zen":"x"}', ping)), [])
  assert.deepEqual(world.world.changes, [])
})

for (const [what, body, headers] of [
  ['no signature', ghcr(), { 'x-github-event': 'package' }],
  ['the signature of another secret', ghcr(), undefined],
  ['the signature of another body', ghcr(), { ...signed('{}') }],
  ['SHA-1', ghcr(), { 'x-hub-signature': 'sha1=00', 'x-github-event': 'package' }],
] as const) {
  test(`GHCR: ${what} is 401`, async () => {
    const world = hookWorld()
    const response = await world.deliver('/hooks/ghcr', body, headers ?? signed(body, 'another-secret-0123456789'))
    assert.equal(response.status, 401)
    assert.deepEqual(world.world.changes, [])
  })
}

test('GHCR: a delivery that is sent again does nothing, one of two hours ago is refused', async () => {
  const world = hookWorld()
  const body = ghcr()
  assert.equal((await accepted(await world.deliver('/hooks/ghcr', body, signed(body)))).length, 1)
  assert.equal((await accepted(await world.deliver('/hooks/ghcr', body, signed(body)))).length, 0)
  const old = ghcr({ at: new Date(Date.now() - 7_200_000).toISOString() })
  assert.equal((await world.deliver('/hooks/ghcr', old, signed(old))).status, 400)
  assert.equal((await refreshes(world, 1)).length, 1)
})

test('GHCR: what is no JSON or no package is 400, what is too long 413', async () => {
  const world = hookWorld()
  for (const [body, status] of [
    ['not json', 400],
    ['[]', 400],
    ['{}', 400],
    ['{"package":null}', 400],
    [`"${'x'.repeat(300_000)}"`, 413],
  ] as const)
    assert.equal((await world.deliver('/hooks/ghcr', body, signed(body))).status, status, body.slice(0, 20))
})

test('Docker Hub: the secret is in the path, and never in the log', async () => {
  const world = hookWorld()
  const body = JSON.stringify({
    push_data: { tag: 'stable', pushed_at: Date.now() / 1000 },
    repository: { repo_name: 'acme/hermes' },
    callback_url: 'http://169.254.169.254/',
  })
  assert.deepEqual(await accepted(await world.deliver(`/hooks/dockerhub/${SECRET}`, body, {})), [HUB])
  assert.equal((await world.deliver('/hooks/dockerhub/wrong', body, {})).status, 401)
  assert.equal((await world.deliver('/hooks/dockerhub', body, {})).status, 404)
  await refreshes(world, 1)
  assert.ok(!JSON.stringify(world.log).includes(SECRET))
})

const event = (host: string, tag?: string, action = 'push') => ({
  timestamp: now(),
  action,
  target: { repository: 'acme/hermes', ...(tag === undefined ? {} : { tag }) },
  request: { host },
})

test('distribution: a push by tag to our registry, proved by the bearer', async () => {
  const world = hookWorld()
  const events = [
    event('registry.example:5000'),
    event('registry.example:5000', 'latest'),
    event('registry.example:5000', 'latest', 'pull'),
    event('registry.example', 'latest'),
  ]
  const bearer = { authorization: `Bearer ${SECRET}` }
  const body = JSON.stringify({ events })
  assert.deepEqual(await accepted(await world.deliver('/hooks/distribution', body, bearer)), [OWN])
  const pulls = JSON.stringify({ events: [event('registry.example:5000', 'latest', 'pull')] })
  assert.deepEqual(await accepted(await world.deliver('/hooks/distribution', pulls, bearer)), [])
  assert.equal((await world.deliver('/hooks/distribution', body, {})).status, 401)
})

test('many webhooks while a refresh runs become one refresh after it', async () => {
  const world = hookWorld()
  const { open } = gate(world.world)
  const first = world.ask('POST', `${REFRESH}?recreate=false`)
  await world.world.pulling()
  for (let i = 0; i < 20; i++) {
    const body = ghcr({ at: new Date(Date.now() - i * 1000).toISOString() })
    await accepted(await world.deliver('/hooks/ghcr', body, signed(body)))
  }
  open()
  await first
  const jobs = await refreshes(world, 2)
  assert.deepEqual(
    jobs.map(({ by }) => by),
    ['hook:ghcr', 'ci'],
  )
})

test('a hook without a secret is not there', async () => {
  const { service } = serviceWorld()
  for (const path of ['/hooks/ghcr', `/hooks/dockerhub/${SECRET}`, '/hooks/distribution']) {
    const request = new Request(`http://localhost${path}`, { method: 'POST', headers: { host: 'localhost' } })
    assert.equal((await service.fetch(request)).status, 404)
  }
})
