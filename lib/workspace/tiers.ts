import type { Env } from '../base/ports.ts'

/** What a tier may do and use. */
export interface TierRights {
  /** Bytes. */
  readonly memory: number
  /** Billionths of a CPU. */
  readonly nanoCpus: number
  /** Processes; `undefined` is no limit. */
  readonly pids: number | undefined
  /** Nothing but the config and session volumes can be written, and /workspace is not there. */
  readonly sandboxed: boolean
  readonly privileged: boolean
  /** Sees the processes of the host. */
  readonly hostPid: boolean
  /** Is on the host's network. */
  readonly hostNetwork: boolean
  /** May talk to the engine. */
  readonly engineSocket: boolean
}

const DEFAULTS: Readonly<Record<number, { readonly memoryMb: number; readonly cpuShares: number }>> = {
  2: { memoryMb: 512, cpuShares: 1024 },
  3: { memoryMb: 2048, cpuShares: 2048 },
  4: { memoryMb: 4096, cpuShares: 4096 },
}
const STANDARD = 2
const SANDBOX_PIDS = 512

/** MiB of memory that a tier has of its own: `TIERn_MEMORY_MB` or its default; 0 for a tier without. */
export function tierMemoryMb(tier: number, env: Env): number {
  return override(env, tier, 'MEMORY_MB') ?? DEFAULTS[tier]?.memoryMb ?? 0
}

/** CPU shares that a tier has of its own, 1024 to a CPU: `TIERn_CPU_SHARES` or its default; 0 for a tier without. */
export function tierCpuShares(tier: number, env: Env): number {
  return override(env, tier, 'CPU_SHARES') ?? DEFAULTS[tier]?.cpuShares ?? 0
}

function override(env: Env, tier: number, what: string): number | undefined {
  const text = DEFAULTS[tier] === undefined ? undefined : env[`TIER${tier}_${what}`]?.trim()
  return text !== undefined && /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

/**
 * The rights of a tier: 1 a sandbox, 2 and every unknown one the standard, 3 privileged, 4 on the host. A tier without
 * caps of its own has those of the standard one: what nobody trusts may not take the whole machine.
 */
export function tierRights(tier: number, env: Env): TierRights {
  const memoryMb = tierMemoryMb(tier, env) || tierMemoryMb(STANDARD, env)
  const cpuShares = tierCpuShares(tier, env) || tierCpuShares(STANDARD, env)
  const trusted = tier === 3 || tier === 4
  return {
    memory: memoryMb * 1_048_576,
    nanoCpus: Math.floor((cpuShares * 1e9) / 1024),
    pids: tier === 1 ? SANDBOX_PIDS : undefined,
    sandboxed: tier === 1,
    privileged: trusted,
    hostPid: trusted,
    hostNetwork: tier === 4,
    engineSocket: tier === 4,
  }
}
