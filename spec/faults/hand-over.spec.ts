// Two processes that are killed at every call of theirs: the one that hands its own container over, and its helper. Each is
// started again as its engine does it, and in the end the container is moved, and no helper is left.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connect, type Docker } from '../../lib/engine/connect.ts'
import { refresh, type RefreshPorts } from '../../lib/refresh/refresh.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import {
  manualClock,
  modelEngine,
  type Fault,
  type ModelEngine,
  type ProfileName,
} from '../../lib/testing/model/index.ts'
import { DOCK, DOCK_IMAGE, HELPER, containerOf, handOver, helperWorks, processIn } from '../support/hand-over.ts'

const KINDS = ['kill before', 'kill after', 'lose reply', '500 before', '500 after'] as const
type Kind = (typeof KINDS)[number]
const MOST = 200

const image = (version: string) => ({ config: { Cmd: ['/bin/dockline', 'serve'], Labels: { version } } })

interface World {
  readonly model: ModelEngine
  readonly ports: Pick<RefreshPorts, 'clock' | 'random'>
  readonly old: string
}

async function stage(profile: ProfileName): Promise<World> {
  const clock = manualClock({ auto: true })
  const seed = { name: DOCK, Image: DOCK_IMAGE, HostConfig: { RestartPolicy: { Name: 'always' } } }
  const model = modelEngine({ profile, images: { [DOCK_IMAGE]: image('1') }, containers: [seed], clock })
  model.publish(DOCK_IMAGE, image('2'))
  let ids = 0
  const random = { id: () => `op-${++ids}`, fraction: () => 0.5 }
  return { model, ports: { clock, random }, old: containerOf(model, DOCK)?.id ?? '' }
}

/** Runs a process whose k-th call goes wrong. True when it came to its end. */
async function doomed(
  { model, ports }: World,
  selfId: string,
  run: string,
  fault: { readonly k: number; readonly kind: Kind } | undefined,
  work: (ports: RefreshPorts) => Promise<unknown>,
): Promise<{ ended: boolean; hit: boolean }> {
  const death = new AbortController()
  const first = model.calls.length
  let hit = false
  const faults: Readonly<Record<Kind, Fault>> = {
    'kill before': { kind: 'before', action: 'lose', run: () => death.abort() },
    'kill after': { kind: 'after', action: 'lose', run: () => death.abort() },
    'lose reply': { kind: 'after', action: 'lose' },
    '500 before': { kind: 'before', action: 'error' },
    '500 after': { kind: 'after', action: 'error' },
  }
  model.faults = ({ n }) => {
    const helpers = model.containers().filter(({ labels }) => Object.hasOwn(labels, 'dockline.helper'))
    assert.ok(helpers.length <= 1, 'there are never two helpers')
    const claimants = model
      .containers()
      .filter(({ name, status }) => /^dock(?:\.dockline-(?:next|prev))?$/.test(name) && status === 'running')
    assert.ok(claimants.length <= 1, 'there are never two that run for one name')
    if (fault === undefined || n - first !== fault.k) return undefined
    hit = true
    return faults[fault.kind]
  }
  const dead = new Promise<false>((resolve) => death.signal.addEventListener('abort', () => resolve(false)))
  const own = await processIn(model, ports, selfId, run, () => mortal(model, death.signal))
  const ended = await Promise.race([
    work(own).then(
      () => true,
      () => false,
    ),
    dead,
  ])
  model.faults = undefined
  return { ended, hit }
}

// Nothing of a dead process reaches the engine any more; that its calls fail lets it come to rest here.
function mortal(model: ModelEngine, death: AbortSignal): Promise<Docker> {
  const transport = model.transport()
  const request: typeof transport.request = async (asked) => {
    death.throwIfAborted()
    const reply = await transport.request(asked)
    death.throwIfAborted()
    return reply
  }
  return connect({ host: 'unix:///model', transport: () => ({ ...transport, request }) })
}

const handsOver = (ports: RefreshPorts, retry = false) =>
  refresh(ports, {
    targets: [imageTarget(DOCK_IMAGE)],
    selection: { names: [DOCK] },
    gate: { stableFor: 1000 },
    handOver,
    retry,
  })

/** Lets all that an engine would start again work until nothing is left to do. Of an image that was rolled back, with --retry. */
async function goOn(world: World, about: string): Promise<void> {
  const { model, old } = world
  for (let life = 2; life < 8; life++) {
    const helper = containerOf(model, HELPER)
    if (helper?.status === 'running') {
      await doomed(world, helper.id, `helper-${life}`, undefined, (ports) => helperWorks(model, ports, { retry: true }))
      continue
    }
    const own = containerOf(model, DOCK)
    if (own?.status !== 'running') break
    await doomed(world, own.id, `life-${life}`, undefined, (ports) => handsOver(ports, true))
    // What the helper could not remove, the next run of the new one does.
    if (own.id !== old && helper === undefined) return
  }
  const shown = model.containers().map(({ name, status }) => `${name} ${status}`)
  assert.fail(`${about}: it does not come to its end: ${shown.join(', ')}`)
}

function checkRest({ model, old }: World, about: string): void {
  const shown = model.containers().map(({ name, status, labels }) => [name, status, labels['version']])
  assert.deepEqual(shown, [[DOCK, 'running', '2']], about)
  assert.notEqual(containerOf(model, DOCK)?.id, old, about)
  assert.deepEqual((model.inspect(DOCK)['HostConfig'] as { RestartPolicy: object }).RestartPolicy, {
    Name: 'always',
    MaximumRetryCount: 0,
  })
}

for (const profile of ['28', '20.10', 'podman'] as const) {
  for (const kind of KINDS) {
    test(`${profile}: ${kind} at each call of who hands over: there is one helper at most, and in the end it is moved`, async (t) => {
      let k = 1
      for (; k < MOST; k++) {
        const world = await stage(profile)
        const { hit } = await doomed(world, world.old, 'life-1', { k, kind }, (ports) => handsOver(ports))
        await goOn(world, `call ${k}`)
        checkRest(world, `call ${k}`)
        await world.model.close()
        if (!hit) break
      }
      t.diagnostic(`${k} calls`)
      assert.ok(k > 8 && k < MOST, `${k} calls`)
    })

    test(`${profile}: ${kind} at each call of the helper: it takes up what it had left, and in the end it is moved`, async (t) => {
      let k = 1
      for (; k < MOST; k++) {
        const world = await stage(profile)
        await doomed(world, world.old, 'life-1', undefined, (ports) => handsOver(ports))
        const helper = containerOf(world.model, HELPER)
        assert.ok(helper)
        const { hit } = await doomed(world, helper.id, 'helper-1', { k, kind }, (ports) =>
          helperWorks(world.model, ports),
        )
        await goOn(world, `call ${k}`)
        checkRest(world, `call ${k}`)
        await world.model.close()
        if (!hit) break
      }
      t.diagnostic(`${k} calls`)
      assert.ok(k > 15 && k < MOST, `${k} calls`)
    })
  }
}
