import { isObject, type JsonObject } from '../../base/json.ts'
import type { Container } from './container.ts'
import { numberAt, textsAt } from './fields.ts'
import { emitContainer } from './events.ts'
import type { Profile } from './profile.ts'
import { isWell } from './process.ts'
import { setTimer } from './timers.ts'
import { goTime, now, type World } from './world.ts'

const NANOS = 1_000_000
const SECOND = 1000

/** The health check of a container, in milliseconds; nothing for none or `NONE`. */
function checkOf({
  config,
}: Container): { interval: number; startPeriod: number; startInterval: number; retries: number } | undefined {
  const check = config['Healthcheck']
  if (!isObject(check)) return undefined
  const test = textsAt(check, 'Test')
  if (test.length === 0 || test[0] === 'NONE') return undefined
  const ms = (key: string, otherwise: number): number => numberAt(check, key) / NANOS || otherwise
  return {
    interval: ms('Interval', 30 * SECOND),
    startPeriod: ms('StartPeriod', 0),
    startInterval: ms('StartInterval', 5 * SECOND),
    retries: numberAt(check, 'Retries') || 3,
  }
}

/** Health is `starting` at every start, and the first probe comes one interval later. */
export function beginHealth(world: World, container: Container): void {
  expectHealth(container)
  scheduleProbe(world, container)
}

/** The health of a container before its first probe; none where there is no check. */
export function expectHealth(container: Container): void {
  container.health =
    checkOf(container) === undefined ? undefined : { status: 'starting', streak: 0, probes: 0, log: [] }
}

function scheduleProbe(world: World, container: Container): void {
  const check = checkOf(container)
  if (check === undefined || (world.profile.family === 'podman' && !world.systemd)) return
  const inStart = now(world) - (container.startedAt ?? 0) < check.startPeriod && container.health?.status === 'starting'
  // Before engine 25 there is no start interval.
  const wait = inStart && world.profile.startInterval ? Math.min(check.startInterval, check.interval) : check.interval
  setTimer(world, { at: now(world) + wait, what: 'probe', container: container.id, run: container.run })
}

/** The probe of a timer; the next one is set. */
export function probe(world: World, container: Container): void {
  if (container.health === undefined) return
  scheduleProbe(world, container)
  if (container.status !== 'paused') runProbe(world, container)
}

/** One probe: failures inside the start period do not count (moby daemon/health.go). */
export function runProbe(world: World, container: Container): void {
  const check = checkOf(container)
  const { health } = container
  if (check === undefined || health === undefined) return
  health.probes++
  const well = isWell(world, container, health.probes)
  const at = goTime(now(world))
  health.log.push({ Start: at, End: at, ExitCode: well ? 0 : 1, Output: well ? '' : 'not well\n' })
  if (health.log.length > 5) health.log.shift()
  const before = health.status
  if (well) {
    health.streak = 0
    health.status = 'healthy'
  } else {
    const inStart = before === 'starting' && now(world) - (container.startedAt ?? 0) < check.startPeriod
    if (!inStart) health.streak++
    if (health.streak >= check.retries) health.status = 'unhealthy'
  }
  if (health.status !== before) emitContainer(world, container, `health_status: ${health.status}`)
}

/** `State.Health` of an inspect. */
export function healthJson({ emptyHealth }: Profile, { health }: Container): JsonObject | undefined {
  if (health === undefined) return emptyHealth ? { Status: '', FailingStreak: 0, Log: null } : undefined
  return { Status: health.status, FailingStreak: health.streak, Log: health.log.map((entry) => ({ ...entry })) }
}
