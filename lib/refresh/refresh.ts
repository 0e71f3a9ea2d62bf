import pMap from 'p-map'

import type { Clock, Processes, Random } from '../base/ports.ts'
import { formatReference, parseReference, repositoryName } from '../base/reference.ts'
import { carryOut } from './carry-out.ts'
import { cleanUp } from './cleanup.ts'
import { findCandidates, targetsOf, type Candidate } from './candidates.ts'
import type { RefreshEngine, Unreadable } from './container.ts'
import { foresee } from './foresee.ts'
import type { GateOptions } from './gate.ts'
import type { HandOver } from './helper.ts'
import type { HookRunner } from './hooks.ts'
import type { Access } from './lifeline.ts'
import type { Prober } from './probe.ts'
import type { Wanted } from './plan.ts'
import { pullTarget, type CredentialFinder } from './pull.ts'
import type { RegistryClient } from '../registry/client.ts'
import { recover } from './recover.ts'
import type { ContainerReport, ImageReport, RefreshEvent, RefreshReport } from './report.ts'
import type { Selection } from './selection.ts'
import type { Target } from './target.ts'
import { unmatchedNames } from './unmatched.ts'

/** What a refresh works with. */
export interface RefreshPorts {
  readonly engine: RefreshEngine
  readonly credentials: CredentialFinder
  readonly clock: Clock
  readonly random: Random
  readonly processes: Processes
  /** Answers the probes that containers ask for by the label `dockline.probe`. */
  readonly prober?: Prober | undefined
  /** Asked in a dry run what there is to pull; without it only the engine is. */
  readonly remote?: Pick<RegistryClient, 'digest'> | undefined
  /** Full id of the container that this process runs in, if it does. */
  readonly selfId?: string | undefined
  /** How the engine is reached, so that the containers in between are left alone. */
  readonly access?: Access | undefined
}

export interface RefreshOptions {
  /** Images to refresh; none means those that the selected containers use. */
  readonly targets: readonly Target[]
  readonly selection: Selection
  /** False asks no registry: containers are moved to what their references name on the engine. Default true. */
  readonly pull?: boolean | undefined
  /** False pulls only. Default true. */
  readonly recreate?: boolean | undefined
  readonly strategy?: 'replace' | 'remove' | undefined
  /** `start-first` lets old and new overlap where nothing forbids it; default `stop-first`. */
  readonly order?: 'stop-first' | 'start-first' | undefined
  /** Containers of one image at once; default 4. */
  readonly concurrency?: number | undefined
  readonly platform?: string | undefined
  readonly gate?: GateOptions | undefined
  /** Milliseconds for one pull; default 15 minutes. */
  readonly pullTimeout?: number | undefined
  readonly allowNoRollback?: boolean | undefined
  /** Leaves containers alone that have something in their writable layer. It takes a call for each that is to move. */
  readonly keepChanges?: boolean | undefined
  /** Keeps the MAC addresses that are in use, drawn ones too; by default only those that were asked for, where that can be told. */
  readonly keepMac?: boolean | undefined
  /** Keeps the addresses that containers of podman have, where podman does not show whether they were asked for. */
  readonly keepIp?: boolean | undefined
  /** Hands the container that this process runs in over to a helper, as the last of all; without it that one is refused. */
  readonly handOver?: HandOver | undefined
  /** Runs the hooks that containers ask for by label; without it they are not run. */
  readonly hooks?: HookRunner | undefined
  /** Removes old images of the targets that nothing uses, but for the newest `keep`. */
  readonly cleanup?: { readonly keep: number } | undefined
  /** Tries images again that have failed before. */
  readonly retry?: boolean | undefined
  /** Tells what would be done; pulls nothing, changes nothing. */
  readonly dryRun?: boolean | undefined
  readonly onEvent?: ((event: RefreshEvent) => void) | undefined
  /** Ends the refresh at a safe point. */
  readonly signal?: AbortSignal | undefined
}

const PULLS_AT_ONCE = 3

/**
 * Pulls images and moves the containers that still run the old ones. Ends what an earlier run left, pulls each image
 * once, then per image a canary and the rest.
 *
 * @returns what was done; failures of single images and containers are in there
 * @throws ConnectionError when the engine cannot be reached
 */
export async function refresh(ports: RefreshPorts, options: RefreshOptions): Promise<RefreshReport> {
  const { engine, clock } = ports
  const { onEvent = () => {}, signal, dryRun = false } = options
  const startedAt = new Date(clock.now()).toISOString()
  const begun = clock.monotonic()

  const recovered = dryRun
    ? []
    : await recover({
        ...ports,
        gate: options.gate,
        selection: options.selection,
        onRecovered: (one) => onEvent({ type: 'recovered', recovered: one }),
        onWait: (name, what) => onEvent({ type: 'phase', name, phase: `wait for ${what}` }),
      })
  const unreadable: Unreadable[] = []
  const strangers: Unreadable[] = []
  const candidates = await findCandidates(engine, options.selection, (one) => void unreadable.push(one))
  const found = [...candidates.map(({ seen }) => seen.name), ...unreadable.map(({ name }) => name)]
  const unmatched = await unmatchedNames(engine, options.selection, found)
  for (const container of unmatched) onEvent({ type: 'container', container })
  const targets = options.targets.length > 0 ? distinct(options.targets) : targetsOf(candidates)
  const pulling = { ...ports, ...options, onEvent }
  const foreseen = new Map<string, Wanted>()
  const lookAt = async (target: Target): Promise<ImageReport> => {
    if (!dryRun && options.pull !== false) return pullTarget(pulling, target, candidates)
    const { image, wanted } = await foresee(pulling, candidates, target)
    if (wanted !== undefined) foreseen.set(image.ref, wanted)
    return image
  }
  const images = await pMap(
    targets,
    async (target) => {
      const image = await lookAt(target)
      onEvent({ type: 'image', image })
      return image
    },
    { concurrency: PULLS_AT_ONCE },
  )
  const containers =
    options.recreate === false
      ? []
      : await carryOut(
          ports,
          { ...options, onEvent },
          { candidates, targets, images, foreseen, onUnreadable: (one) => void strangers.push(one) },
        )
  for (const one of options.recreate === false ? [] : unreadable) {
    const container = unread(one)
    onEvent({ type: 'container', container })
    containers.push(container)
  }
  const cleaned =
    dryRun || options.cleanup === undefined || signal?.aborted === true
      ? []
      : // What has been done must be told, also where the engine is away by now.
        await cleanUp(engine, targets, options.cleanup.keep, replacedImages(candidates, images, containers)).catch(
          () => [],
        )
  return {
    pulled: dryRun
      ? []
      : images.filter(({ outcome }) => outcome === 'updated' || outcome === 'current').map(({ target }) => target),
    failed: images.filter(({ outcome }) => outcome === 'failed').map(({ target }) => target),
    recreated: dryRun
      ? []
      : containers.filter(({ outcome }) => outcome === 'replaced' || outcome === 'removed').map(({ name }) => name),
    images,
    containers: [...containers, ...unmatched],
    matched: found.length,
    recovered,
    cleaned,
    warnings: strangers
      .filter(({ id }) => unreadable.every((one) => one.id !== id))
      .map(({ name, reason }) => `${name} was passed over: ${reason}`),
    dryRun,
    interrupted: signal?.aborted === true,
    startedAt,
    durationMs: Math.round(clock.monotonic() - begun),
  }
}

// Whether it is of one of the targets cannot be told, so it is not called current.
function unread({ id, name, image, reason }: Unreadable): ContainerReport {
  return { name, id, image, outcome: 'failed', reason, code: 'PROTOCOL_VIOLATION', warnings: [] }
}

/** The images that lost a container, or their tag, in this refresh: `repository@id`. */
function replacedImages(
  candidates: readonly Candidate[],
  images: readonly ImageReport[],
  containers: readonly ContainerReport[],
): string[] {
  const moved = new Set(
    containers.flatMap(({ id, outcome }) => (outcome === 'removed' || outcome === 'replaced' ? [id] : [])),
  )
  const known = [
    ...images.map(({ ref, before, after }) => ({ ref: parseReference(ref), id: before === after ? null : before })),
    ...candidates.map(({ ref, seen }) => ({ ref, id: moved.has(seen.id) ? seen.view.Image : null })),
  ]
  return known.flatMap(({ ref, id }) => (ref === undefined || id === null ? [] : [`${repositoryName(ref)}@${id}`]))
}

/** Each reference once, under the name that it was first given. */
function distinct(targets: readonly Target[]): Target[] {
  const byReference = new Map(targets.toReversed().map((target) => [formatReference(target.ref), target]))
  return targets.filter((target) => byReference.get(formatReference(target.ref)) === target)
}
