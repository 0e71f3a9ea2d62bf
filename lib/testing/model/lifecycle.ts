import { textAt } from '../../base/json.ts'
import { isUp, named, type Container } from './container.ts'
import { numberAt } from './fields.ts'
import { attachAll, detachAll, loseNetwork } from './endpoints.ts'
import { emitContainer } from './events.ts'
import { beginHealth } from './health.ts'
import { policyOf } from './host-config.ts'
import { publishPorts } from './ports.ts'
import { argvOf, beginProcess, behaviourOf, isScripted } from './process.ts'
import { refuse, Refusal } from './refusal.ts'
import { remove } from './removal.ts'
import { clearTimers, setTimer } from './timers.ts'
import { checkProcess } from './unknown.ts'
import { now, type World } from './world.ts'

/** `POST /containers/{id}/start`; false when it ran already. */
export function start(world: World, container: Container): boolean {
  const { words } = world.profile
  if (container.status === 'paused') refuse(words.startPaused(named(container)))
  if (container.status === 'running' || container.status === 'restarting') {
    // podman keeps the refused start with the container until the next one.
    if (world.profile.family === 'podman') container.error = words.startPaused(named(container))[1]
    return false
  }
  if (container.status === 'removing' || container.status === 'dead') refuse(words.markedForRemoval(named(container)))
  container.restartCount = 0
  container.backoff = 0
  container.stoppedByHand = false
  launch(world, container)
  return true
}

/** Starts the process, or leaves the container as it was with the reason in its state. */
export function launch(world: World, container: Container): void {
  container.run++
  container.hostConfig['Runtime'] ??= 'runc'
  container.exitIsFinal = false
  clearTimers(world, container.id)
  for (const endpoint of container.endpoints.values()) endpoint.shownMac = ''
  try {
    join(world, container)
    if (world.profile.taskFirst) findProgram(world, container)
    network(world, container)
    if (!world.profile.taskFirst) findProgram(world, container)
  } catch (error) {
    if (error instanceof Refusal) fail(world, container, error)
    throw error
  }
  container.status = 'running'
  container.startedAt = now(world)
  container.exitCode = 0
  container.error = ''
  container.pid = 1000 + (world.state.serial++ % 30_000)
  beginProcess(world, container)
  beginHealth(world, container)
  emitContainer(world, container, 'start')
}

function findProgram(world: World, container: Container): void {
  const { process } = behaviourOf(world, container)
  if (typeof process === 'object' && 'missing' in process) refuse(world.profile.words.cannotStart(process.missing))
  if (!isScripted(world, container)) checkProcess(world, container, argvOf(container))
}

function fail(world: World, container: Container, { status, message }: Refusal): void {
  const missing = status === 400 && /no such file or directory|executable file not found/.test(message)
  detachAll(world, container)
  if (world.profile.family === 'docker') container.exitCode = missing ? 127 : 128
  container.error = message
  if (container.status === 'restarting') container.status = 'exited'
}

function network(world: World, container: Container): void {
  if (container.joined !== undefined) return
  try {
    attachAll(world, container)
    publish(world, container)
  } catch (error) {
    if (error instanceof Refusal) refuse(world.profile.words.startNetwork([error.status, error.message]))
    throw error
  }
}

function publish(world: World, container: Container): void {
  try {
    publishPorts(world, container)
  } catch (error) {
    if (error instanceof Refusal) {
      detachAll(world, container)
      loseNetwork(world, container)
    }
    throw error
  }
}

function join(world: World, container: Container): void {
  if (container.joined === undefined) return
  const { words, family, tellsJoin } = world.profile
  const target = world.state.containers.get(container.joined)
  if (target === undefined) {
    const said = words.noContainer(container.joined)
    return refuse(tellsJoin ? [500, `joining network namespace of container: ${said[1]}`] : said)
  }
  if (isUp(target)) {
    if (family === 'docker') container.config['Hostname'] = textAt(target.config, 'Hostname')
    return
  }
  // podman starts what a container depends on.
  if (family === 'podman') start(world, target)
  else refuse(words.joinStopped(named(target)))
}

const CLEAN_UP = 500

/** The main process is gone: the policy decides whether it comes back (moby restartmanager.go). */
export function exited(world: World, container: Container, code: number): void {
  const ran = now(world) - (container.startedAt ?? 0)
  clearTimers(world, container.id)
  detachAll(world, container)
  container.pid = 0
  container.exitCode = code
  container.finishedAt = now(world)
  container.exits++
  container.isStopping = false
  container.status = 'exited'
  if (container.health !== undefined && world.profile.family === 'docker') container.health.status = 'unhealthy'
  emitContainer(world, container, 'die', { exitCode: String(code), execDuration: String(Math.floor(ran / 1000)) })
  if (!container.exitIsFinal && shouldRestart(container)) {
    // podman restarts it from the hook that cleans up after it, and shows it as ended until then.
    if (world.profile.family === 'podman') {
      setTimer(world, { at: now(world) + CLEAN_UP, what: 'restart', container: container.id, run: container.run })
      world.happened.ring()
      return
    }
    if (ran >= 10_000) container.backoff = 0
    container.backoff = Math.min(container.backoff === 0 ? 100 : container.backoff * 2, 60_000)
    container.restartCount++
    container.status = 'restarting'
    setTimer(world, {
      at: now(world) + container.backoff,
      what: 'restart',
      container: container.id,
      run: container.run,
    })
  } else if (container.hostConfig['AutoRemove'] === true) {
    remove(world, container, { volumes: true })
  }
  world.happened.ring()
}

/** What the restart policy says of a container that ended. */
export function shouldRestart(container: Container, countsAfresh = false): boolean {
  const policy = policyOf(container.hostConfig['RestartPolicy'], '')
  const most = numberAt(policy, 'MaximumRetryCount')
  switch (textAt(policy, 'Name')) {
    case 'always':
      return true
    case 'unless-stopped':
      return !container.stoppedByHand
    case 'on-failure':
      return container.exitCode !== 0 && (most === 0 || countsAfresh || container.restartCount < most)
    default:
      return false
  }
}
