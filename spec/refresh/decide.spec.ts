import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isActive, type State } from '../../lib/refresh/container.ts'
import {
  decide,
  decideGroup,
  distance,
  inGroup,
  isReplaced,
  standsIn,
  type Observation,
  type Step,
} from '../../lib/refresh/decide.ts'
import type { Was } from '../../lib/refresh/marks.ts'

const WAS: readonly Was[] = ['running', 'paused', 'restarting', 'exited', 'created']
const STATES: readonly State[] = ['running', 'paused', 'restarting', 'created', 'exited', 'removing', 'dead']
const HOLDERS = ['successor', 'old', 'nobody', 'stranger'] as const

/** Every world that makes sense. */
function* worlds(): Generator<Observation, void, undefined> {
  const sides = STATES.flatMap((state) => [true, false].map((armed) => ({ state, armed, cutOff: false })))
  const running = sides.filter(({ state }) => state === 'running' || state === 'paused')
  sides.push(...running.map((side) => ({ ...side, cutOff: true })))
  const successors = [undefined, ...sides.flatMap((side) => [true, false].map((taken) => ({ ...side, taken })))]
  const olds = [undefined, ...sides.flatMap((side) => [true, false].map((taken) => ({ ...side, taken })))]
  for (const was of WAS)
    for (const successor of successors)
      for (const old of olds)
        for (const holder of HOLDERS)
          for (const proved of [true, false]) {
            if (holder === 'successor' && successor?.taken !== false) continue
            if (holder === 'old' && old?.taken !== false) continue
            yield { was, returns: true, successor, old, holder, proved }
            if (successor?.armed !== true) yield { was, returns: false, successor, old, holder, proved }
          }
}

const isOver = (state: State): boolean => state === 'removing' || state === 'dead'
const describe = ({ was, returns, successor, old, holder, proved }: Observation): string =>
  `was ${was}${returns ? ' with a policy' : ''}, successor ${successor?.state ?? 'gone'}${successor?.armed === true ? ' armed' : ''}${successor?.taken === true ? ' taken' : ''}, old ${old?.state ?? 'gone'}${old?.armed === false ? ' disarmed' : ''}${old?.taken === true ? ' taken' : ''}, name of ${holder}${proved ? ', proved' : ''}`

/** What an engine does to a world, and what it refuses. */
function act(world: Observation, step: Step): Observation {
  const { successor, old, holder } = world
  const need = (holds: boolean, why: string): void => assert.ok(holds, `${step}: ${why} (${describe(world)})`)
  const side = step.endsWith('successor') ? successor : old
  assert.ok(side !== undefined, `${step}: there is none (${describe(world)})`)
  const become = (state: State, cutOff = side.cutOff): Observation =>
    step.endsWith('successor')
      ? { ...world, successor: { ...successor, state, cutOff } as never }
      : { ...world, old: { ...world.old, state, cutOff } as never }
  switch (step) {
    case 'stop-successor':
    case 'stop-old':
      return become('exited')
    case 'reconnect-successor':
    case 'reconnect-old':
      need(side.cutOff === true, 'it has all')
      return become('running', false)
    case 'start-successor':
    case 'start-old':
      need(!isOver(side.state), 'it is being removed')
      return become('running')
    case 'pause-successor':
    case 'pause-old':
      need(side.state === 'running', 'it does not run')
      return become('paused')
    case 'unname-successor':
      return { ...world, holder: 'nobody' }
    case 'name-successor':
    case 'name-old':
      need(holder === 'nobody', 'the name is taken')
      return { ...world, holder: step === 'name-old' ? 'old' : 'successor' }
    case 'arm-old':
      need(!isOver(side.state), 'it is being removed')
      return { ...world, old: { ...world.old, armed: true } as never }
    case 'arm-successor':
    case 'disarm-successor':
      need(!isOver(side.state), 'it is being removed')
      need(world.returns, 'it has no policy')
      return { ...world, successor: { ...successor, armed: step === 'arm-successor' } as never }
    case 'remove-successor':
      need(!isActive(side.state), 'it runs')
      return { ...world, successor: undefined, holder: holder === 'successor' ? 'nobody' : holder }
    case 'remove-old':
      need(!isActive(side.state), 'it runs')
      return { ...world, old: undefined, holder: holder === 'old' ? 'nobody' : holder }
    default:
      throw new Error(`no such step: ${step}`)
  }
}

/** All worlds on the way from one to its rest. */
function* walk(start: Observation): Generator<{ world: Observation; step: Step | undefined }, void, undefined> {
  let world = start
  for (let steps = 0; steps < 24; steps++) {
    const step = decide(world)
    yield { world, step }
    if (step === undefined || step === 'stuck') return
    world = act(world, step)
  }
  assert.fail(`no rest after 24 steps from: ${describe(start)}`)
}

test('every world comes to rest, nearer with every step, and no step is one that an engine refuses', () => {
  let count = 0
  for (const start of worlds()) {
    count++
    let before = Number.POSITIVE_INFINITY
    for (const { world, step } of walk(start)) {
      const now = distance(world)
      if (step !== 'stuck')
        assert.ok(now < before, `${step} comes no nearer: ${describe(world)}, from ${describe(start)}`)
      before = now
    }
  }
  assert.ok(count > 2000, `${count}`)
})

test('at rest exactly one container bears the name, and does what the old one did', () => {
  for (const start of worlds()) {
    const end = [...walk(start)].at(-1)
    if (end === undefined || end.step === 'stuck') continue
    const { holder, old, successor, was } = end.world
    if (old === undefined && (successor === undefined || holder === 'stranger')) continue
    const taken = successor?.taken === true || old?.taken === true
    assert.ok(holder === 'old' || holder === 'successor' || (taken && (old?.taken ?? true)), describe(end.world))
    assert.ok(taken || (old === undefined) !== (successor === undefined), describe(end.world))
    // Both are where somebody wants them.
    if (successor?.taken === true && holder === 'old' && isActive(successor.state)) continue
    const left = old ?? successor
    if (holder === 'old' && (was === 'running' || was === 'paused' || was === 'restarting'))
      assert.ok(isActive(left?.state ?? 'exited'), describe(end.world))
    if (holder === 'old') assert.equal(old?.armed, true, describe(end.world))
    if (holder === 'old' && ['running', 'paused', 'restarting'].includes(was) && left?.state !== 'restarting')
      assert.equal(left?.cutOff, false, describe(end.world))
  }
})

// Who made it anew under its name has it again.
const isThere = ({ old, successor, holder }: Observation): boolean =>
  old !== undefined || successor !== undefined || holder === 'stranger'

test('no way ends without a container that began with one, and no step on it leaves none', () => {
  for (const start of worlds()) {
    if (start.old === undefined && start.successor === undefined) continue
    if (start.successor === undefined && start.old !== undefined && isOver(start.old.state)) continue
    for (const { world } of walk(start)) assert.ok(isThere(world), `${describe(world)}, from ${describe(start)}`)
  }
})

test('an old container is removed only for a successor that stands in and is proved, or when it is being removed', () => {
  for (const start of worlds()) {
    for (const { world, step } of walk(start)) {
      if (step !== 'remove-old') continue
      const { old, successor, proved } = world
      assert.ok(old !== undefined && successor !== undefined, describe(world))
      assert.ok(isOver(old.state) || (standsIn(world) && proved), describe(world))
    }
  }
})

test("a successor with a name of somebody's own is not renamed and not removed", () => {
  for (const start of worlds()) {
    if (start.successor?.taken !== true) continue
    for (const { step } of walk(start))
      assert.ok(!['name-successor', 'unname-successor', 'remove-successor'].includes(step ?? ''), describe(start))
  }
})

test("an old container with a name of somebody's own is not renamed and not removed, and does what it did", () => {
  for (const start of worlds()) {
    if (start.old?.taken !== true || isOver(start.old.state)) continue
    const steps = [...walk(start)]
    for (const { step } of steps)
      assert.ok(!['name-old', 'stop-old', 'remove-old'].includes(step ?? ''), `${step}: ${describe(start)}`)
    const end = steps.at(-1)?.world
    assert.ok(end?.old !== undefined, describe(start))
    if (isReplaced(inGroup([end])[0] ?? end)) continue
    if (end.successor?.taken === true && isActive(end.successor.state)) continue
    assert.equal(end.old.armed, true, describe(end))
    if (['running', 'paused', 'restarting'].includes(end.was)) assert.ok(isActive(end.old.state), describe(end))
  }
})

test('what was made for a container that somebody removed and made anew is dropped', () => {
  for (const start of worlds()) {
    if (start.old !== undefined || start.holder !== 'stranger' || start.successor === undefined) continue
    const end = [...walk(start)].at(-1)
    if (start.successor.taken) assert.notEqual(end?.world.successor, undefined, describe(start))
    else if (!isOver(start.successor.state)) assert.equal(end?.world.successor, undefined, describe(start))
    assert.equal(end?.step, undefined, describe(start))
  }
})

test('a successor is removed only when the old container is as it was, or somebody made it anew', () => {
  for (const start of worlds()) {
    for (const { world, step } of walk(start)) {
      if (step !== 'remove-successor') continue
      const { old, holder, was } = world
      if (old === undefined && holder === 'stranger') continue
      assert.ok(old !== undefined && (holder === 'old' || old.taken) && old.armed, describe(world))
      if (was === 'running' || was === 'paused' || was === 'restarting') assert.ok(isActive(old.state), describe(world))
    }
  }
})

const both = ({ old, successor }: Observation): boolean =>
  old !== undefined && successor !== undefined && isActive(old.state) && isActive(successor.state)

test('two containers never run side by side after a step that was meant to help', () => {
  for (const start of worlds()) {
    let before = both(start)
    for (const { world } of walk(start)) {
      assert.ok(before || !both(world), `${describe(world)}, from ${describe(start)}`)
      before = both(world)
    }
  }
})

// An engine that restarts starts what has run and has a policy, also when it was stopped by hand ("always").
const mayReturn = ({ returns, successor, old }: Observation): boolean[] => [
  successor !== undefined && (isActive(successor.state) || (successor.state === 'exited' && successor.armed)),
  old !== undefined && (isActive(old.state) || (old.state === 'exited' && old.armed && returns)),
]

test('after a step that was meant to help no restart of the engine brings both back', () => {
  for (const start of worlds()) {
    let before = mayReturn(start).every(Boolean)
    for (const { world } of walk(start)) {
      const now = mayReturn(world).every(Boolean)
      assert.ok(before || !now, `${describe(world)}, from ${describe(start)}`)
      before = now
    }
  }
})

test('at rest a container that had a restart policy has it', () => {
  for (const start of worlds()) {
    const end = [...walk(start)].at(-1)
    if (end === undefined || end.step === 'stuck' || !end.world.returns) continue
    const { holder, old, successor, proved } = end.world
    if (holder === 'successor' && old === undefined && !proved && successor !== undefined && !isOver(successor.state))
      assert.ok(successor.armed, describe(end.world))
  }
})

test('there is no way on only where a stranger has the name, or where what is being removed is all there is', () => {
  for (const start of worlds()) {
    const end = [...walk(start)].at(-1)
    if (end?.step !== 'stuck') continue
    const { holder, old, successor } = end.world
    const lastIsGoing = successor === undefined && old !== undefined && isOver(old.state)
    assert.ok(holder === 'stranger' || lastIsGoing, `${describe(end.world)}, from ${describe(start)}`)
  }
})

const ROWS: readonly (readonly [title: string, world: Observation, step: Step | undefined])[] = [
  [
    'taken by somebody and never started, the old one parked: it is armed again, its name comes last',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: true },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'nobody',
      proved: false,
    },
    'arm-old',
  ],
  [
    'taken by somebody and proved, the old one parked: it stands in under the name that it was given',
    {
      was: 'running',
      returns: true,
      successor: { state: 'running', armed: true, taken: true },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'nobody',
      proved: true,
    },
    'remove-old',
  ],
  [
    'taken by somebody and not proved, the old one parked: it is stopped first',
    {
      was: 'running',
      returns: true,
      successor: { state: 'running', armed: true, taken: true },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'nobody',
      proved: false,
    },
    'stop-successor',
  ],
  [
    'taken by somebody who has given the old one its name back: both are left',
    {
      was: 'running',
      returns: true,
      successor: { state: 'running', armed: true, taken: true },
      old: { state: 'exited', armed: true, taken: false },
      holder: 'old',
      proved: false,
    },
    undefined,
  ],
  [
    'created and not yet touched: the successor goes',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: { state: 'running', armed: true, taken: false },
      holder: 'old',
      proved: false,
    },
    'remove-successor',
  ],
  [
    'disarmed and still running: armed again',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: { state: 'running', armed: false, taken: false },
      holder: 'old',
      proved: false,
    },
    'arm-old',
  ],
  [
    'stopped: armed again before it is started',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'old',
      proved: false,
    },
    'arm-old',
  ],
  [
    'parked: named again',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'nobody',
      proved: false,
    },
    'name-old',
  ],
  [
    'named, not yet started: the name is taken back',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'successor',
      proved: false,
    },
    'unname-successor',
  ],
  [
    'on trial and failed: stopped first',
    {
      was: 'running',
      returns: true,
      successor: { state: 'running', armed: true, taken: false },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'successor',
      proved: false,
    },
    'stop-successor',
  ],
  [
    'stopped after a trial that failed: disarmed, or an engine that restarts would start it beside the old one',
    {
      was: 'running',
      returns: true,
      successor: { state: 'exited', armed: true, taken: false },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'successor',
      proved: false,
    },
    'disarm-successor',
  ],
  [
    'the old one is gone after the roll back had begun: the successor gets its policy again',
    {
      was: 'running',
      returns: true,
      successor: { state: 'exited', armed: false, taken: false },
      old: undefined,
      holder: 'successor',
      proved: false,
    },
    'arm-successor',
  ],
  [
    'on trial and proved: committed',
    {
      was: 'running',
      returns: true,
      successor: { state: 'running', armed: true, taken: false },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'successor',
      proved: true,
    },
    'remove-old',
  ],
  [
    'proved but not under the name: that proves nothing',
    {
      was: 'running',
      returns: true,
      successor: { state: 'running', armed: true, taken: false },
      old: { state: 'exited', armed: false, taken: false },
      holder: 'nobody',
      proved: true,
    },
    'stop-successor',
  ],
  [
    'the old one was paused: it is again',
    {
      was: 'paused',
      returns: true,
      successor: { state: 'exited', armed: false, taken: false },
      old: { state: 'running', armed: true, taken: false },
      holder: 'old',
      proved: false,
    },
    'pause-old',
  ],
  [
    'the old one was stopped: it stays so',
    {
      was: 'exited',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: { state: 'exited', armed: true, taken: false },
      holder: 'old',
      proved: false,
    },
    'remove-successor',
  ],
  [
    'the old one is gone: the successor gets the name',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: undefined,
      holder: 'nobody',
      proved: false,
    },
    'name-successor',
  ],
  [
    'the old one is gone: the successor is started',
    {
      was: 'running',
      returns: true,
      successor: { state: 'created', armed: true, taken: false },
      old: undefined,
      holder: 'successor',
      proved: false,
    },
    'start-successor',
  ],
  [
    'the old one is gone and was paused: the successor is paused',
    {
      was: 'paused',
      returns: true,
      successor: { state: 'running', armed: true, taken: false },
      old: undefined,
      holder: 'successor',
      proved: false,
    },
    'pause-successor',
  ],
  [
    'the old one is gone and the successor has ended: that is its own affair',
    {
      was: 'running',
      returns: true,
      successor: { state: 'exited', armed: true, taken: false },
      old: undefined,
      holder: 'successor',
      proved: false,
    },
    undefined,
  ],
  [
    'both are gone: nothing is left to do',
    { was: 'running', returns: true, successor: undefined, old: undefined, holder: 'nobody', proved: false },
    undefined,
  ],
  [
    'rolled back: nothing is left to do',
    {
      was: 'running',
      returns: true,
      successor: undefined,
      old: { state: 'running', armed: true, taken: false },
      holder: 'old',
      proved: false,
    },
    undefined,
  ],
]

for (const [title, world, step] of ROWS) test(title, () => assert.equal(decide(world), step))

/** Worlds of one member of a group whose containers ran. */
function* members(): Generator<Observation, void, undefined> {
  for (const world of worlds()) {
    const { was, successor, old, holder } = world
    if (was !== 'running' || holder === 'stranger') continue
    if (!world.returns || (successor !== undefined && !['created', 'running', 'exited'].includes(successor.state)))
      continue
    if (successor?.armed === false && successor.state !== 'exited') continue
    if (old !== undefined && !['running', 'exited', 'removing'].includes(old.state)) continue
    yield world
  }
}

test('a group comes to rest as a whole: all of it moved or none, and no step is one that an engine refuses', () => {
  const each = [...members()]
  let count = 0
  for (const leader of each) {
    for (const follower of each) {
      const begun = [leader, follower].some(({ old }) => old === undefined || isOver(old.state))
      // Only successors that all stand in are asked for proof, and only a commit removes old containers.
      const stand = [leader, follower].every(standsIn)
      if (!stand && (begun || leader.proved || follower.proved)) continue
      count++
      const from = (): string => `${describe(leader)}; ${describe(follower)}`
      let group = [leader, follower]
      let before = Number.POSITIVE_INFINITY
      for (;;) {
        const next = decideGroup(group)
        if (next === undefined) break
        if (next.step === 'stuck') assert.fail(from())
        const now = inGroup(group).reduce((sum, world) => sum + distance(world), 0)
        if (now >= before) assert.fail(`${next.step} comes no nearer, from ${from()}`)
        before = now
        group = group.map((world, i) => (i === next.index ? act(world, next.step) : world))
      }
      const sides = new Set(
        // One that somebody keeps under a name of his own is there beside the one that took its place.
        inGroup(group).map((world) =>
          world.old !== undefined && !isReplaced(world) ? 'old' : world.successor !== undefined ? 'new' : 'none',
        ),
      )
      if (sides.size !== 1) assert.fail(`ends divided, from ${from()}`)
    }
  }
  assert.ok(count > 1000, `${count}`)
})

test('in a group all are stopped before a name is given back, and nothing is removed before all are started', () => {
  const stopped: Observation = {
    was: 'running',
    returns: true,
    successor: { state: 'exited', armed: false, taken: false },
    old: { state: 'exited', armed: false, taken: false },
    holder: 'successor',
    proved: false,
  }
  const onTrial: Observation = { ...stopped, successor: { state: 'running', armed: true, taken: false } }
  const back: Observation = { ...stopped, old: { state: 'running', armed: true, taken: false }, holder: 'old' }
  assert.deepEqual(decideGroup([stopped, onTrial]), { index: 1, step: 'stop-successor' })
  assert.deepEqual(decideGroup([onTrial, onTrial]), { index: 1, step: 'stop-successor' })
  assert.deepEqual(decideGroup([stopped, stopped]), { index: 0, step: 'unname-successor' })
  assert.deepEqual(decideGroup([back, { ...back, old: { state: 'exited', armed: true, taken: false } }]), {
    index: 1,
    step: 'start-old',
  })
  assert.deepEqual(decideGroup([back, back]), { index: 1, step: 'remove-successor' })
  const good: Observation = { ...onTrial, proved: true }
  assert.deepEqual(decideGroup([good, good]), { index: 1, step: 'remove-old' })
  assert.deepEqual(decideGroup([good, onTrial]), { index: 1, step: 'stop-successor' })
})
