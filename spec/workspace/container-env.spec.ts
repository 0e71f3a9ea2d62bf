import assert from 'node:assert/strict'
import { test } from 'node:test'

import { containerEnv } from '../../lib/workspace/container-env.ts'
import type { Workspace } from '../../lib/workspace/workspace.ts'

const workspace = (changes: Partial<Workspace> = {}): Workspace => ({
  id: 'ws1',
  tier: 3,
  platformUrl: 'http://p',
  ...changes,
})
const entries = (changes?: Partial<Workspace>): readonly string[] => containerEnv(workspace(changes)).entries

test('TestBuildContainerEnv_InjectsBothPlatformURLAndMoleculeAIURL: the agent is told who it is and where its platform is', () => {
  assert.deepEqual(entries().slice(0, 6), [
    'WORKSPACE_ID=ws1',
    'WORKSPACE_CONFIG_PATH=/configs',
    'PLATFORM_URL=http://p',
    'MOLECULE_URL=http://p',
    'TIER=3',
    'PLUGINS_DIR=/plugins',
  ])
})

test('TestBuildContainerEnv_InjectsPYTHONPATH: the runtime of the image is found', () => {
  assert.equal(entries().at(-1), 'PYTHONPATH=/app')
})

test('TestBuildContainerEnv_WorkspaceEnvVarsCanOverridePYTHONPATH: the custom value stands last, and alone', () => {
  const all = entries({ env: { PYTHONPATH: '/mine' } })
  assert.equal(all.at(-1), 'PYTHONPATH=/mine')
  assert.equal(all.filter((entry) => entry.startsWith('PYTHONPATH=')).length, 1)
})

test('TestBuildContainerEnv_MoleculeAIURLAlwaysMatchesPlatformURL: both are one, whatever it is and whoever sets it', () => {
  for (const platformUrl of ['http://a', 'https://b:1/c', '', 'http://host.docker.internal:8080']) {
    const all = entries({ platformUrl, env: { MOLECULE_URL: 'http://evil', PLATFORM_URL: 'http://evil' } })
    assert.ok(all.includes(`PLATFORM_URL=${platformUrl}`))
    assert.ok(all.includes(`MOLECULE_URL=${platformUrl}`))
    assert.equal(all.filter((entry) => entry.includes('evil')).length, 0)
  }
})

const told = (awareness: Workspace['awareness']): number =>
  entries({ awareness }).filter((entry) => entry.startsWith('AWARENESS_')).length

test('TestBuildContainerEnv_AwarenessOnlyWhenBothSet: namespace and URL are both told, or neither', () => {
  assert.equal(told(undefined), 0)
  assert.equal(told({ namespace: 'n', url: '' }), 0)
  assert.equal(told({ namespace: '', url: 'u' }), 0)
  assert.equal(told({ namespace: 'n', url: 'u' }), 2)
})

test('TestBuildContainerEnv_CustomEnvVarsAppended: customs come behind the defaults, which stay', () => {
  const all = entries({ env: { API_KEY: 'a=b', EMPTY: '' } })
  assert.deepEqual(all.slice(-2), ['API_KEY=a=b', 'EMPTY='])
  assert.equal(all.length, 9)
})

test('an agent cannot be told to be another, nor be given a secret of its platform', () => {
  const { entries: all, refused } = containerEnv(
    workspace({
      env: { WORKSPACE_ID: 'other', TIER: '4', ADMIN_TOKEN: 's', DATABASE_URL: 's', GHCR_TOKEN: 's', MINE: '1' },
    }),
  )
  assert.deepEqual(refused, ['WORKSPACE_ID', 'TIER', 'ADMIN_TOKEN', 'DATABASE_URL', 'GHCR_TOKEN'])
  assert.ok(all.includes('WORKSPACE_ID=ws1'))
  assert.ok(all.includes('MINE=1'))
  assert.ok(!all.some((entry) => /ADMIN_TOKEN|DATABASE_URL|GHCR_TOKEN|other/.test(entry)))
})

test('a variable that no environment can hold is refused and its value not told', () => {
  for (const env of [{ 'A=B': 'x' }, { '': 'x' }, { A: 'canary\0' }])
    assert.throws(
      () => containerEnv(workspace({ env })),
      (error: Error) => !error.message.includes('canary'),
    )
})
