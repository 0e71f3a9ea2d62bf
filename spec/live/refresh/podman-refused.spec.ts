// What belongs to a pod or to systemd is refused by plan and by refresh, in words that say who owns it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { Client } from 'undici'

import type { Docker } from '../../../lib/engine/connect.ts'
import { reportOf, runCli } from '../support/cli.ts'
import { importBusybox } from '../support/busybox.ts'
import { hostOf, liveEngine, removeContainers } from '../support/engine.ts'
import { profileOf } from '../support/profile.ts'

const PREFIX = 'refused-of-'
const POD = `${PREFIX}pod`
const IMAGE = 'localhost/dockline-refused'
const RUNS = ['/bin/sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait']

const docker: Docker = await liveEngine()
const { podman, name: engine } = await profileOf(docker)
const skip = podman ? false : `${engine} has no pods, and no units of podman`

before(async () => {
  if (!podman) return
  await cleanUp()
  await importBusybox(docker, IMAGE)
  await libpod('POST', '/pods/create', { name: POD })
  await libpod('POST', '/containers/create', {
    name: `${PREFIX}member`,
    pod: POD,
    image: `${IMAGE}:latest`,
    command: RUNS,
  })
  for (const [name, unit] of [
    ['quadlet', 'web.service'],
    ['generated', 'container-db.service'],
    ['plain', undefined],
  ] as const) {
    const Labels = unit === undefined ? undefined : { PODMAN_SYSTEMD_UNIT: unit }
    await docker.containers.create({ Image: `${IMAGE}:latest`, Cmd: RUNS, Labels }, { name: `${PREFIX}${name}` })
  }
  for (const name of ['member', 'quadlet', 'generated', 'plain']) await docker.containers.start(`${PREFIX}${name}`)
  await importBusyboxAnew()
})

after(async () => {
  if (podman) await cleanUp()
  await docker.close()
})

// The tag moves.
async function importBusyboxAnew(): Promise<void> {
  const { Id } = await docker.containers.create({ Image: `${IMAGE}:latest` }, { name: `${PREFIX}source` })
  const { Id: moved } = await docker.images.commit({ container: Id, changes: ['LABEL version=2'] })
  await docker.images.tag(moved, { repo: IMAGE, tag: 'latest' })
  await docker.containers.remove(Id)
}

async function cleanUp(): Promise<void> {
  await libpod('DELETE', `/pods/${POD}?force=true`).catch(() => {})
  await removeContainers(docker, PREFIX)
  await docker.images.remove(`${IMAGE}:latest`, { force: true }).catch(() => {})
  await docker.images.prune().catch(() => {})
}

async function libpod(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
  await using client = Object.assign(new Client('http://podman', { socketPath: socketOf(docker) }), {
    [Symbol.asyncDispose](this: Client) {
      return this.close()
    },
  })
  const answer = await client.request({
    method,
    path: `/v4.0.0/libpod${path}`,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await answer.body.text()
  assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode} ${text}`)
}

function socketOf(engineOf: Docker): string {
  return new URL(hostOf(engineOf)).pathname
}

const REASONS: Readonly<Record<string, RegExp>> = {
  member: new RegExp(`^it is a member of pod ${POD}|^it is a member of pod [\\da-f]{12}`),
  quadlet: /^systemd unit web\.service owns it: podman auto-update/,
  generated: /^systemd unit container-db\.service owns it: podman auto-update/,
}

for (const command of [['plan'], ['refresh', '--stable-for', '0.5']] as const) {
  test(`${command[0]} refuses members of a pod and of systemd units by name, and nobody else`, { skip }, async () => {
    const before = await states()
    const args = [...command, '--no-pull', '--image', `${IMAGE}:latest`, '--name-prefix', PREFIX, '--json']
    const ran = await runCli(args, { DOCKER_HOST: hostOf(docker) })
    const { containers } = reportOf(ran)
    const byName = new Map(containers.map((container) => [container.name.slice(PREFIX.length), container]))
    for (const [name, reason] of Object.entries(REASONS)) {
      assert.equal(byName.get(name)?.outcome, 'skipped', name)
      assert.match(byName.get(name)?.reason ?? '', reason)
    }
    assert.equal(byName.get('plain')?.outcome, 'replaced', ran.stderr)
    assert.deepEqual(without(await states(), 'plain'), without(before, 'plain'))
  })
}

/** Id and state of each container, by name. */
async function states(): Promise<Record<string, string>> {
  const all = await docker.containers.list({ all: true })
  return Object.fromEntries(all.map(({ Id, Names, State }) => [(Names[0] ?? '').slice(1), `${Id} ${State}`]))
}

function without(all: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith(PREFIX) && !key.endsWith(name)))
}
