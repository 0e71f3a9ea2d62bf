import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Env } from '../../../lib/base/ports.ts'
import { createBody } from '../../../lib/workspace/docker/create-body.ts'
import type { MountBody } from '../../../lib/workspace/docker/mounts.ts'
import { aWorkspace } from '../../support/workspace-world.ts'

interface Host {
  readonly mounts: readonly MountBody[]
  readonly [setting: string]: unknown
}

/** What the host gives the container of a tier. */
function hostOf(tier: number | undefined, env: Env = {}, sessions?: string): Host {
  const runtime = sessions === undefined ? 'langgraph' : 'claude-code'
  const { HostConfig } = createBody(aWorkspace({ tier, runtime }), {
    container: 'ws-x',
    image: 'i',
    volumes: { configs: 'configs', data: 'data', sessions },
    entries: [],
    network: 'agents',
    instance: 'here',
    restartPolicy: 'unless-stopped',
    env,
  })
  const host = HostConfig as Readonly<Record<string, unknown>>
  return { ...host, mounts: host['Mounts'] as MountBody[] }
}

const targets = ({ mounts }: Host): string[] => mounts.map(({ Target }) => Target)

test('TestApplyTierConfig_Tier1_Sandboxed: config alone, nothing else to write but a small /tmp, no rights', () => {
  const host = hostOf(1)
  assert.deepEqual(targets(host), ['/configs'])
  assert.equal(host['ReadonlyRootfs'], true)
  assert.deepEqual(host['Tmpfs'], { '/tmp': 'rw,noexec,nosuid,size=64m' })
  assert.equal(host['Privileged'], undefined)
  assert.equal(host['PidMode'], undefined)
  assert.equal(host['NetworkMode'], 'agents')
})

test('a sandboxed runtime that keeps sessions keeps them', () => {
  assert.deepEqual(targets(hostOf(1, {}, 'sessions')), ['/configs', '/root/.claude/sessions'])
})

test('TestApplyTierConfig_Tier1_NoGlobalPlugins: nothing is mounted at /plugins', () => {
  for (const tier of [1, 2, 3, 4]) assert.ok(!targets(hostOf(tier)).includes('/plugins'))
})

test('TestApplyTierConfig_Tier2_Standard: all mounts, 512 MiB, one CPU, no rights', () => {
  const host = hostOf(2)
  assert.deepEqual(targets(host), ['/configs', '/workspace'])
  assert.equal(host['Memory'], 536_870_912)
  assert.equal(host['NanoCpus'], 1_000_000_000)
  assert.equal(host['Privileged'], undefined)
  assert.equal(host['ReadonlyRootfs'], undefined)
})

test('TestApplyTierConfig_Tier3_Privileged: all rights, the processes of the host, but its own network', () => {
  const host = hostOf(3)
  assert.equal(host['Privileged'], true)
  assert.equal(host['PidMode'], 'host')
  assert.equal(host['NetworkMode'], 'agents')
  assert.deepEqual(targets(host), ['/configs', '/workspace'])
})

test("TestApplyTierConfig_Tier4_FullHost: the host's network too, and the engine's socket as the last and only extra mount", () => {
  const host = hostOf(4)
  assert.equal(host['Privileged'], true)
  assert.equal(host['PidMode'], 'host')
  assert.equal(host['NetworkMode'], 'host')
  assert.deepEqual(targets(host), ['/configs', '/workspace', '/var/run/docker.sock'])
})

test("on the host's network there is neither an endpoint of another nor a published port", () => {
  const host = hostOf(4)
  assert.equal(host['PortBindings'], undefined)
  const body = createBody(aWorkspace({ tier: 4 }), {
    container: 'ws-x',
    image: 'i',
    volumes: { configs: 'c', data: 'd', sessions: undefined },
    entries: [],
    network: 'agents',
    instance: 'here',
    restartPolicy: 'no',
    env: {},
  })
  assert.equal(body.NetworkingConfig, undefined)
})

test('TestApplyTierConfig_UnknownTier_DefaultsToT2: an unknown tier has the caps of the standard one, and no rights', () => {
  assert.deepEqual(hostOf(99), hostOf(2))
})

test('TestApplyTierConfig_ZeroTier_DefaultsToT2: so has tier 0, and a workspace that names none', () => {
  assert.deepEqual(hostOf(0), hostOf(2))
  assert.deepEqual(hostOf(undefined), hostOf(2))
})

test('TestApplyTierConfig_T3_UsesEnvOverride: the caps of the environment reach the container, the rights stay', () => {
  const host = hostOf(3, { TIER3_MEMORY_MB: '1024', TIER3_CPU_SHARES: '512' })
  assert.equal(host['Memory'], 1024 * 1_048_576)
  assert.equal(host['NanoCpus'], 500_000_000)
  assert.equal(host['Privileged'], true)
})

test('TestApplyTierConfig_T3_DefaultCap: a privileged tier is capped all the same', () => {
  const host = hostOf(3)
  assert.equal(host['Memory'], 2048 * 1_048_576)
  assert.equal(host['NanoCpus'], 2_000_000_000)
})

test('the agent is published on loopback alone, at a port that the engine chooses, and known by its name', () => {
  const body = createBody(aWorkspace(), {
    container: 'ws-x',
    image: 'i',
    volumes: { configs: 'c', data: 'd', sessions: undefined },
    entries: ['A=1'],
    network: 'agents',
    instance: 'here',
    restartPolicy: 'unless-stopped',
    env: {},
  })
  assert.deepEqual(body.HostConfig?.PortBindings, { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] })
  assert.deepEqual(body.NetworkingConfig, { EndpointsConfig: { agents: { Aliases: ['ws-x'] } } })
  assert.deepEqual(body.HostConfig?.RestartPolicy, { Name: 'unless-stopped' })
  assert.deepEqual(body.Env, ['A=1'])
  assert.equal(body.Labels?.['molecule.platform.managed'], 'true')
})
