import { textAt } from '../../base/json.ts'
import { argvOf, behaviourOf } from './process.ts'
import { isUp, named, type Container } from './container.ts'
import { emitContainer } from './events.ts'
import { exited, start } from './lifecycle.ts'
import { refuse } from './refusal.ts'
import { checkRemovable, remove } from './removal.ts'
import { until } from './settle.ts'
import { SIGKILL, SIGTERM, signalNumber } from './signals.ts'
import { clearTimers, setTimer } from './timers.ts'
import { now, type World } from './world.ts'

export interface StopOrder {
  /** Seconds; nothing for the container's own. */
  readonly grace?: number | undefined
  readonly signal?: string | undefined
}

const NEVER = new AbortController().signal

/** `POST /containers/{id}/stop`; false when it did not run. A client that leaves changes nothing. */
export async function stop(world: World, container: Container, order: StopOrder): Promise<boolean> {
  if (container.status === 'restarting') return giveUp(world, container)
  if (!isUp(container)) return world.profile.family === 'podman' && container.status === 'created'
  const said = container.status === 'paused' ? world.profile.words.stopPaused(named(container)) : undefined
  if (said !== undefined) refuse(said)
  const wanted = order.signal ?? textAt(container.config, 'StopSignal')
  const number = wanted === '' ? SIGTERM : (signalNumber(wanted) ?? SIGTERM)
  const grace = order.grace ?? ownGrace(world, container)
  const { run } = container
  container.isStopping = true
  deliver(world, container, number, grace < 0 ? Infinity : grace * 1000 + world.stopsLater)
  await until(world, () => !isUp(container) || container.run !== run, NEVER)
  emitContainer(world, container, 'stop')
  return true
}

function ownGrace({ profile, stopTimeout }: World, { config }: Container): number {
  const seconds = config['StopTimeout']
  return typeof seconds === 'number' ? seconds : (stopTimeout ?? profile.stopTimeout)
}

// A restart that is waited for does not come.
function giveUp(world: World, container: Container): boolean {
  clearTimers(world, container.id)
  container.stoppedByHand = true
  container.status = 'exited'
  world.happened.ring()
  return true
}

/** Sends a signal, and SIGKILL after `patience` milliseconds if the process still runs then. */
function deliver(world: World, container: Container, signal: number, patience: number): void {
  const own = signalNumber(textAt(container.config, 'StopSignal'))
  // Only the container's own stop signal, or SIGKILL, keeps its restart policy quiet (moby daemon/kill.go).
  if (own === undefined || signal === own || signal === SIGKILL) container.exitIsFinal = true
  container.stoppedByHand = true
  emitContainer(world, container, 'kill', { signal: String(signal) })
  if (container.status === 'paused') container.status = 'running'
  const { stopsAfter = 0, stopCode = 0 } = behaviourOf(world, container)
  const ends = signal === SIGKILL || signal === own || [2, 3, SIGTERM].includes(signal)
  const after = signal === SIGKILL ? 0 : ends ? stopsAfter : Infinity
  const killed = signal === SIGKILL || after > patience
  const at = Math.min(after, patience)
  if (killed) container.exitIsFinal ||= patience !== Infinity
  const code = killed ? 128 + SIGKILL : stopCode
  if (at === 0) exited(world, container, code)
  else if (at !== Infinity)
    setTimer(world, { at: now(world) + at, what: 'exit', container: container.id, run: container.run, code })
}

/** `POST /containers/{id}/kill`: the signal is sent, its effect not waited for. */
export function kill(world: World, container: Container, signal: string, name: string): void {
  const { words } = world.profile
  const number = signal === '' ? SIGKILL : signalNumber(signal)
  if (number === undefined) return refuse(words.badSignal(signal, name))
  if (container.status === 'restarting') {
    giveUp(world, container)
    return
  }
  if (!isUp(container)) refuse(words.killStopped(named(container), name))
  deliver(world, container, number, Infinity)
}

export async function restart(world: World, container: Container, order: StopOrder): Promise<void> {
  const policy = container.hostConfig
  // Such a container is not removed by the stop that is part of a restart.
  container.hostConfig = { ...policy, AutoRemove: false }
  try {
    await stop(world, container, order)
    start(world, container)
  } finally {
    container.hostConfig = { ...container.hostConfig, AutoRemove: policy['AutoRemove'] ?? false }
  }
  emitContainer(world, container, 'restart')
}

export function pause(world: World, container: Container): void {
  const { words } = world.profile
  if (container.status === 'paused') refuse(words.alreadyPaused(named(container)))
  if (container.status !== 'running') refuse(words.pauseStopped(named(container)))
  container.status = 'paused'
  emitContainer(world, container, 'pause')
}

export function unpause(world: World, container: Container): void {
  if (container.status !== 'paused') refuse(world.profile.words.notPaused(named(container)))
  container.status = 'running'
  emitContainer(world, container, 'unpause')
}

/** `DELETE /containers/{id}` */
export async function removeByOrder(
  world: World,
  container: Container,
  order: { readonly name: string; readonly force: boolean; readonly volumes: boolean },
): Promise<void> {
  checkRemovable(world, container, order.name, order.force)
  container.hostConfig = { ...container.hostConfig, AutoRemove: false }
  if (isUp(container)) deliver(world, container, SIGKILL, Infinity)
  if (container.status === 'restarting') giveUp(world, container)
  const { removesAfter = 0 } = behaviourOf(world, container)
  if (removesAfter > 0) {
    container.status = 'removing'
    await world.clock.sleep(removesAfter)
  }
  remove(world, container, order)
}

/** The command of a container as lists show it. */
export function commandText({ profile }: World, container: Container): string {
  const [path = '', ...rest] = argvOf(container)
  const quote = (part: string): string => (profile.family === 'docker' && part.includes(' ') ? `'${part}'` : part)
  return [path, ...rest.map(quote)].join(' ')
}
