import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError } from '../../lib/base/errors.ts'
import { parseJson, type JsonObject } from '../../lib/base/json.ts'
import { refresh } from '../../lib/refresh/refresh.ts'
import type { ContainerReport } from '../../lib/refresh/report.ts'
import type { ContainerSeed, ProfileName } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version, withCalls, type Stage } from '../support/stage.ts'

/** A container of podman's command line. */
function made(flags: string, libpod: { Config?: object; HostConfig?: object } = {}, more: object = {}): ContainerSeed {
  const CreateCommand = ['podman', 'run', '-d', '--name', 'ws-1', ...flags.split(' ').filter(Boolean), APP]
  const Config = { CreateCommand, Umask: '0022', sdNotifyMode: 'container', ...libpod.Config }
  const HostConfig = { HostsFile: '', ...libpod.HostConfig }
  return { name: 'ws-1', Image: APP, ...more, libpod: { ...libpod, Config, HostConfig } }
}

async function stageWith(seed: ContainerSeed, profile: ProfileName = 'podman'): Promise<Stage> {
  const stage = await setStage({ profile, containers: [seed] })
  stage.model.publish(APP, version(2))
  return stage
}

async function refreshed(stage: Stage): Promise<ContainerReport> {
  const { containers } = await refresh(stage.ports, everything)
  return containers[0] as ContainerReport
}

/** The bodies of the create calls, in their order. */
function created({ model }: Stage): JsonObject[] {
  const calls = model.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/containers/create'))
  return calls.map(({ body }) => parseJson(Buffer.from(body).toString()) as JsonObject)
}

const OWN = { 'a.b': 'c', 'io.container.manager': 'libpod', 'io.kubernetes.cri-o.TTY': 'false' }

const LOST: readonly [what: string, seed: ContainerSeed, name: RegExp, profile?: ProfileName][] = [
  ['secret', made('--secret token', { Config: { Secrets: [{ Name: 'token' }] } }), /secret token/],
  ['secret of the environment, podman 5', made('', {}, { Env: ['token=*******'] }), /secret token/],
  [
    'secret of the environment, podman 4',
    made('--secret token,type=env', {}, { Env: ['T=x'] }),
    /secret token/,
    'podman-4',
  ],
  ['timezone', made('--tz UTC', { Config: { Timezone: 'UTC' } }), /timezone UTC/],
  ['umask', made('--umask 0077', { Config: { Umask: '0077' } }), /umask 0077/],
  ['umask of none', made('--umask 0', { Config: { Umask: '0000' } }), /umask 0000/],
  ['timeout', made('--timeout 60', { Config: { Timeout: 60 } }), /timeout 60/],
  ['on-failure action', made('', { Config: { HealthcheckOnFailureAction: 'kill' } }), /health-on-failure kill/],
  ['startup check', made('', { Config: { StartupHealthCheck: { Test: ['CMD', 'x'] } } }), /a startup health check/],
  ['sdnotify', made('--sdnotify conmon', { Config: { sdNotifyMode: 'conmon' } }), /sdnotify conmon/],
  ['hosts file of the image', { ...made(''), libpod: { UseImageHosts: true } }, /--no-hosts/],
  ['hosts file of the image, podman 4', { ...made(''), libpod: { HostsPath: '' } }, /--no-hosts/, 'podman-4'],
  ['hosts file', made('', { HostConfig: { HostsFile: '/etc/other' } }), /hosts-file \/etc\/other/],
  ['annotations, podman 4', made('', { Config: { Annotations: { 'a.b': 'c' } } }), /annotation a\.b/, 'podman-4'],
  [
    'an annotation among those of podman, podman 4',
    made('', { Config: { Annotations: OWN } }),
    /\(annotation a\.b\)/,
    'podman-4',
  ],
  ['device rule, podman 4', made('--device-cgroup-rule a'), /device rule a/, 'podman-4'],
  ['cgroup namespace, podman 4', made('--cgroupns host'), /--cgroupns host/, 'podman-4'],
  ['health log', made('', { Config: { HealthcheckMaxLogCount: 9 } }), /health-max-log-count 9/],
  ['cgroups', made('', { HostConfig: { Cgroups: 'disabled' } }), /cgroups disabled/],
  ['user namespace', made('--uidmap 0:1:2', { HostConfig: { UsernsMode: 'private' } }), /a user namespace of its own/],
  ['systemd mode', made('--systemd always'), /--systemd always/],
  ['masked paths', made('--security-opt unmask=/proc/acpi'), /--security-opt unmask=\/proc\/acpi/],
  ['tmpfs of a read-only root', made('--read-only --read-only-tmpfs=false'), /--read-only-tmpfs=false/],
  ['personality', made('--personality=LINUX32'), /--personality LINUX32/],
  ['unset environment', made('--unsetenv-all'), /--unsetenv-all/],
]

for (const [what, seed, name, profile = 'podman'] of LOST) {
  test(`refuses by name before anything is touched: ${what}`, async () => {
    const stage = await stageWith(seed, profile)
    const { outcome, reason = '' } = await refreshed(stage)
    assert.equal(outcome, 'skipped')
    assert.match(reason, name)
    assert.deepEqual(created(stage), [])
  })
}

test('a dry run tells the refusal, too', async () => {
  const stage = await stageWith(made('--umask 0077', { Config: { Umask: '0077' } }))
  await stage.docker.images.pull(APP)
  const { containers } = await refresh(stage.ports, { ...everything, dryRun: true })
  assert.match(containers[0]?.reason ?? '', /umask 0077/)
})

test('refuses a device of which podman does not show the rights', async () => {
  const HostConfig = { Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/f2', CgroupPermissions: 'r' }] }
  const stage = await stageWith({ name: 'ws-1', Image: APP, HostConfig })
  const { outcome, reason = '' } = await refreshed(stage)
  assert.equal(outcome, 'skipped')
  assert.match(reason, /the rights on \/dev\/f2/)
})

test('refuses a member of a pod, by the name of the pod', async () => {
  const stage = await stageWith({ ...made('--pod shop'), libpod: { Pod: 'b'.repeat(64), Config: made('--pod shop') } })
  const named = await stageWith({ ...made(''), libpod: { ...made('--pod shop').libpod, Pod: 'b'.repeat(64) } })
  assert.equal((await refreshed(stage)).reason, `it is a member of pod ${'b'.repeat(12)}`)
  assert.equal((await refreshed(named)).reason, 'it is a member of pod shop')
})

test('refuses what a systemd unit owns, on every engine', async () => {
  const Labels = { PODMAN_SYSTEMD_UNIT: 'web.service' }
  for (const profile of ['podman', 'podman-4', '28'] as const) {
    const stage = await stageWith({ name: 'ws-1', Image: APP, Labels }, profile)
    const { outcome, reason } = await refreshed(stage)
    assert.equal(outcome, 'skipped')
    assert.equal(reason, 'systemd unit web.service owns it: podman auto-update')
  }
})

test('moves a container whose libpod inspect a proxy withholds, and tells what that means', async () => {
  const stage = await stageWith(made('--umask 0077', { Config: { Umask: '0077' } }))
  const engine = withCalls(stage, {
    libpodInspect: async () => {
      throw new ApiError('FORBIDDEN', 'no')
    },
  })
  const { containers } = await refresh({ ...stage.ports, engine }, everything)
  assert.equal(containers[0]?.outcome, 'replaced')
  assert.match(containers[0]?.settings?.changed.join('\n') ?? '', /inspect of libpod cannot be read/)
})
