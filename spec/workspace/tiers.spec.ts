import assert from 'node:assert/strict'
import { test } from 'node:test'

import { tierCpuShares, tierMemoryMb, tierRights } from '../../lib/workspace/tiers.ts'

test('TestGetTierMemoryMB_DefaultsMatchLegacy: tiers 2 to 4 have 512, 2048 and 4096 MiB, others none of their own', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 99].map((tier) => tierMemoryMb(tier, {})),
    [0, 512, 2048, 4096, 0],
  )
})

test('TestGetTierMemoryMB_EnvOverride: a positive number wins; a malformed one and 0 fall back', () => {
  assert.equal(tierMemoryMb(3, { TIER3_MEMORY_MB: '8192' }), 8192)
  assert.equal(tierMemoryMb(3, { TIER3_MEMORY_MB: ' 8192 ' }), 8192)
  for (const text of ['lots', '0', '-1', '1.5', '', '1e3'])
    assert.equal(tierMemoryMb(3, { TIER3_MEMORY_MB: text }), 2048, text)
  assert.equal(tierMemoryMb(1, { TIER1_MEMORY_MB: '8192' }), 0, 'the sandbox has no knob')
})

test('TestGetTierCPUShares_EnvOverride: a positive number wins; unset falls back', () => {
  assert.equal(tierCpuShares(2, { TIER2_CPU_SHARES: '512' }), 512)
  assert.equal(tierCpuShares(2, {}), 1024)
  assert.equal(tierCpuShares(4, {}), 4096)
})

test('memory is in bytes, CPUs in billionths, 1024 shares to one, rounded down', () => {
  assert.equal(tierRights(2, {}).memory, 512 * 1_048_576)
  assert.equal(tierRights(2, {}).nanoCpus, 1_000_000_000)
  assert.equal(tierRights(2, { TIER2_CPU_SHARES: '1000' }).nanoCpus, 976_562_500)
  assert.equal(tierRights(2, { TIER2_CPU_SHARES: '333' }).nanoCpus, 325_195_312)
})

test('the sandbox cannot take the whole machine: it has the caps of the standard tier and a limit of processes', () => {
  const { memory, nanoCpus, pids } = tierRights(1, {})
  assert.deepEqual({ memory, nanoCpus, pids }, { memory: 536_870_912, nanoCpus: 1_000_000_000, pids: 512 })
})

test('TestTierEscalation: each tier may what the one below may, and the sandbox nothing', () => {
  const matrix = [1, 2, 3, 4].map((tier) => {
    const { privileged, hostNetwork, hostPid, sandboxed, engineSocket } = tierRights(tier, {})
    return { tier, privileged, hostNetwork, hostPid, sandboxed, engineSocket }
  })
  assert.deepEqual(matrix, [
    { tier: 1, privileged: false, hostNetwork: false, hostPid: false, sandboxed: true, engineSocket: false },
    { tier: 2, privileged: false, hostNetwork: false, hostPid: false, sandboxed: false, engineSocket: false },
    { tier: 3, privileged: true, hostNetwork: false, hostPid: true, sandboxed: false, engineSocket: false },
    { tier: 4, privileged: true, hostNetwork: true, hostPid: true, sandboxed: false, engineSocket: true },
  ])
})
