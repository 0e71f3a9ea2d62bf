// What must hold at every moment: looked at before each call, and so after the one before.
import { textAt } from '../../lib/base/json.ts'
import { parseReference } from '../../lib/base/reference.ts'
import type { ContainerView, LoggedCall } from '../../lib/testing/model/index.ts'
import type { Checks } from './checks.ts'
import { canaryHeader } from './process.ts'
import { STABLE_FOR, STRANGER } from './scenario.ts'
import type { World } from './world.ts'

export interface Watch {
  /** Looks at the engine now. */
  look(): void
  /** To be called when the engine has restarted: what has no restart policy is down since, by nobody's fault. */
  restarted(): void
}

export function createWatch(world: World, checks: Checks): Watch {
  const { engine, clock, before, scenario } = world
  const proved = new Set<string>()
  let seen = new Map<string, ContainerView>()
  let images = new Set<string>()
  let removes = true
  let calls = 0
  let isDown = false

  const prove = (container: ContainerView): void => {
    if (textAt(container.labels, 'dockline.op') === '' || proved.has(container.id)) return
    if (isThrough(container, clock.now(), startedUnwell(world, container))) proved.add(container.id)
  }

  // I4: what is gone was rolled back, or has a replacement that bears its name and is through the gate.
  const judge = (gone: ContainerView, now: readonly ContainerView[]): void => {
    if (mayGo(world, gone)) return
    const replaces = textAt(gone.labels, 'dockline.replaces')
    if (now.some(({ id }) => id === replaces)) return
    const nexts = now.filter(({ labels }) => textAt(labels, 'dockline.replaces') === gone.id)
    const next = nexts.find(({ name }) => name !== scenario.taken) ?? nexts[0]
    checks.check('I4', next !== undefined, () => `${gone.name} is gone and nothing replaces it`)
    const op = textAt(next?.labels, 'dockline.op')
    for (const member of now.filter(({ labels }) => next !== undefined && textAt(labels, 'dockline.op') === op)) {
      const named = [textAt(member.labels, 'dockline.name'), scenario.taken].includes(member.name)
      const does = isDown || doesAsBefore(member)
      checks.check(
        'I4',
        named && does && proved.has(member.id),
        () =>
          `${gone.name} is gone, and ${member.name} is ${member.status}, ${proved.has(member.id) ? '' : 'not '}proved`,
      )
    }
  }

  const look = (): void => {
    const now = engine.containers()
    const fresh = engine.calls.slice(calls)
    calls = engine.calls.length
    // Only a removal takes one away; that was at work at the last look is done now.
    if (removes || now.some(({ image }) => !images.has(image))) images = new Set(engine.images().map(({ id }) => id))
    removes = fresh.some(({ path, method }) => method === 'DELETE' && path.startsWith('/images/'))
    for (const container of now) {
      prove(container)
      checks.check('I5', images.has(container.image), () => `the image of ${container.name} was deleted`)
    }
    for (const [name, { view }] of before) lookAt(world, checks, { name, view, now, images })
    const stranger = now.find(({ name }) => name === STRANGER)
    const untouched = before.get(STRANGER)?.view
    checks.check('I10', stranger?.id === untouched?.id, () => 'the stranger is another')
    checks.check('I10', stranger?.status === untouched?.status, () => `the stranger is ${stranger?.status}`)
    const left = new Set(now.map(({ id }) => id))
    for (const container of seen.values()) if (!left.has(container.id)) judge(container, now)
    for (const call of fresh) lookAtCall(call, checks)
    seen = new Map(now.map((container) => [container.id, container]))
  }
  return {
    look,
    restarted: () => {
      isDown = true
    },
  }
}

/** A container that was there, and all that were made in its place. */
export function isOf(name: string, old: ContainerView, container: ContainerView): boolean {
  return container.id === old.id || textAt(container.labels, 'dockline.name') === name
}

interface Look {
  readonly name: string
  readonly view: ContainerView
  readonly now: readonly ContainerView[]
  readonly images: ReadonlySet<string>
}

function lookAt({ scenario }: World, { check }: Checks, { name, view, now, images }: Look): void {
  const family = now.filter((container) => isOf(name, view, container))
  if (scenario.options?.strategy !== 'remove' || name === STRANGER) {
    check('I1', family.length > 0, () => `no container holds the configuration of ${name}`)
    check(
      'I1',
      family.some(({ image }) => images.has(image)),
      () => `the image of ${name} is gone`,
    )
  }
  const running = family.filter(({ status }) => status === 'running' || status === 'paused')
  const most = scenario.options?.order === 'start-first' ? 2 : 1
  check('I2', running.length <= most, () => `${running.map((one) => one.name).join(' and ')} run at once`)
  for (const port of view.ports) {
    const holders = now.filter(({ ports }) => ports.includes(port))
    check('I2', holders.length <= 1, () => `${port} is held by ${holders.map((one) => one.name).join(' and ')}`)
  }
}

// I8: a login is sent with a pull alone, and it is that of the registry that is pulled from.
function lookAtCall({ method, path, query, headers, body, n }: LoggedCall, { check }: Checks): void {
  const { 'x-registry-auth': auth, ...others } = headers
  const pulls = method === 'POST' && path === '/images/create'
  const wanted = pulls ? canaryHeader(parseReference(query.get('fromImage') ?? '').registry) : undefined
  check('I8', auth === wanted, () => `call ${n}, ${method} ${path}, has the login ${auth ?? 'of nobody'}`)
  const rest = `${path} ${query.toString()} ${JSON.stringify(others)}`
  const leaks = CANARY.test(rest) || (body.length > 0 && CANARY.test(Buffer.from(body).toString('latin1')))
  check('I8', !leaks, () => `call ${n}, ${method} ${path}, gives away a login`)
}

// As it is, and at each of the three places where it may begin in base64.
const CANARY = new RegExp(
  [
    'canary-of-',
    ...[0, 1, 2].map((at) =>
      Buffer.from(`${' '.repeat(at)}canary-of-`)
        .toString('base64')
        .slice(4, 12),
    ),
  ].join('|'),
)

// Where there is no way back nothing is parked, and what is only removed is replaced by somebody else.
function mayGo({ scenario, before }: World, gone: ContainerView): boolean {
  if (scenario.options?.strategy === 'remove') return gone.name !== STRANGER
  const raw = [...before.values()].find(({ view }) => view.id === gone.id)?.raw
  return scenario.options?.allowNoRollback === true && raw !== undefined && isRemovedByItself(raw)
}

function isRemovedByItself(raw: object): boolean {
  return (raw as { HostConfig?: { AutoRemove?: boolean } }).HostConfig?.AutoRemove === true
}

function startedUnwell({ before }: World, { labels }: ContainerView): boolean {
  return before.get(textAt(labels, 'dockline.name'))?.view.health === 'unhealthy'
}

// Through the gate: healthy, or running for long enough; a stopped or paused one is as it was.
function isThrough(container: ContainerView, now: number, unwell: boolean): boolean {
  const { status, health, startedAt } = container
  switch (textAt(container.labels, 'dockline.was')) {
    case 'running':
      if (status !== 'running') return false
      return health === 'healthy' || ((health === undefined || unwell) && now - (startedAt ?? now) >= STABLE_FOR)
    case 'restarting':
      return startedAt !== undefined && now - startedAt >= 0
    case 'paused':
      return status === 'paused'
    default:
      return true
  }
}

function doesAsBefore({ status, labels }: ContainerView): boolean {
  const was = textAt(labels, 'dockline.was')
  if (was === 'running' || was === 'paused') return status === was
  return was !== 'restarting' || status === 'running' || status === 'restarting'
}
