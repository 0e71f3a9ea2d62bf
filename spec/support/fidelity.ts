import { messageOf } from '../../lib/base/errors.ts'
import { objectAt, textAt, type JsonObject } from '../../lib/base/json.ts'
import { systemClock, systemRandom } from '../../lib/base/system.ts'
import type { Clock } from '../../lib/base/ports.ts'
import type { Docker } from '../../lib/engine/connect.ts'
import { replace } from '../../lib/refresh/replace.ts'
import { askedText, effectsOf, unlikeEffects, type Effects, type SharedNamespaces } from './effects.ts'
import { unfaithful } from './faithful.ts'

/** A container as somebody may have made it. */
export interface Made {
  /** Its name. */
  readonly name: string
  /** Body of its create call, without the image. */
  readonly body: JsonObject
  /** Endpoints that are connected after the create, as below API 1.44, by network. */
  readonly connect?: Readonly<Record<string, JsonObject>> | undefined
  /** Networks that it leaves after that. */
  readonly disconnect?: readonly string[] | undefined
  /** Replaces it with `--keep-mac`; also said of one whose label asks for that. */
  readonly keepMac?: boolean | undefined
  /** Replaces it with `--keep-ip`. */
  readonly keepIp?: boolean | undefined
  /** What it does when it is replaced; default `running`. */
  readonly state?: 'running' | 'paused' | 'exited' | 'created' | undefined
  readonly allowNoRollback?: boolean | undefined
}

/** How closely it is looked at, beside the inspect of the newest API version. */
export interface Judge {
  /** The same engine, asked in older versions of its API. */
  readonly versions: readonly Docker[]
  /** Looks from inside of the containers, which must have a busybox at `/bin/busybox`. */
  readonly effects?: { readonly shared: SharedNamespaces } | undefined
}

export interface Release {
  readonly docker: Docker
  /** The repository that gets a tag for the container. */
  readonly repository: string
  /** Ids of the image before and after. */
  readonly before: string
  readonly after: string
  readonly clock?: Clock | undefined
  readonly judge?: Judge | undefined
}

/** What became of it. */
export interface Result {
  readonly outcome: 'faithful' | 'unfaithful' | 'refused by the engine' | 'refused by dockline' | 'failed'
  /** Whether the engine started it, where it was to run. */
  readonly started: boolean
  /** Reasons, or what is not as it was. */
  readonly details: readonly string[]
  /** What the report says of its settings. */
  readonly told?: readonly string[] | undefined
}

/** Makes a container on the old image, replaces it by the new one, and looks what is lost. Leaves nothing behind. */
export async function replaced(
  { docker, repository, before, after, clock = systemClock, judge = { versions: [] } }: Release,
  made: Made,
): Promise<Result> {
  const { containers, images } = docker
  const { name, body, connect = {}, disconnect = [], state = 'running' } = made
  const tag = name.replace(/^.*-/, 'of') // not the name itself, which is taken for a word when two are compared
  const image = `${repository}:${tag}`
  const twin = `${name}-twin`
  const make = async (as: string): Promise<void> => {
    await containers.create({ ...body, Image: image }, { name: as })
    for (const [network, EndpointConfig] of Object.entries(connect))
      await docker.networks.connect(network, { Container: as, EndpointConfig })
    for (const network of disconnect) await docker.networks.disconnect(network, { Container: as })
  }
  const seenAll = (container: string): Promise<JsonObject[]> =>
    Promise.all([docker, ...judge.versions].map((one) => one.containers.inspectRaw(container)))
  const looked = async (container: string): Promise<Effects | undefined> =>
    judge.effects === undefined ? undefined : effectsOf(docker, container, made, judge.effects.shared)
  try {
    await images.tag(before, { repo: repository, tag })
    try {
      await make(name)
    } catch (error) {
      return { outcome: 'refused by the engine', started: false, details: [messageOf(error, 160)] }
    }
    const refused = state === 'created' ? undefined : await containers.start(name).then(() => undefined, messageOf)
    const started = state !== 'created' && refused === undefined
    const was = started ? await looked(name) : undefined
    if (started && state === 'paused') await containers.pause(name)
    if (started && state === 'exited') await containers.stop(name)
    const olds = await seenAll(name)
    const [old = {}] = olds
    await images.tag(after, { repo: repository, tag })
    const [replacement] = await replace(
      {
        engine: docker,
        clock,
        random: systemRandom,
        processes: { self: async () => name, state: async () => 'unknown' },
        holder: name,
        gate: { stableFor: 0, healthTimeout: 60_000 },
        allowNoRollback: made.allowNoRollback,
        keepMac: made.keepMac,
        keepIp: made.keepIp,
      },
      [{ id: textAt(old, 'Id'), name, imageId: after }],
    )
    if (replacement?.outcome !== 'replaced') {
      const outcome =
        replacement?.code === 'PROOF_FAILED' || replacement?.outcome === 'skipped' ? 'refused by dockline' : 'failed'
      return { outcome, started, details: [replacement?.reason ?? 'nothing was said'] }
    }
    const nexts = await seenAll(name)
    const [next = {}] = nexts
    await make(twin)
    const references = await seenAll(twin)
    const asked = askedText(made)
    const differences = new Set(
      olds.flatMap((one, i) => unfaithful({ old: one, next: nexts[i] ?? {}, reference: references[i] ?? {}, asked })),
    )
    if (judge.effects !== undefined && refused === undefined) {
      if (state === 'paused') await containers.unpause(name)
      if (state === 'created' || state === 'exited') await containers.start(name)
      const is = await looked(name)
      await containers.stop(name, { t: 0 }) // for both may claim one port or address
      await containers.start(twin)
      for (const difference of unlikeEffects(was, is, await looked(twin))) differences.add(difference)
    }
    if (next['Image'] !== after) differences.add(`Image: ${textAt(next, 'Image')}`)
    if (objectAt(next, 'Config')['Image'] !== objectAt(old, 'Config')['Image']) differences.add('Config.Image')
    const details =
      differences.size > 0 || refused === undefined ? [...differences] : [`does not start: ${refused.slice(0, 160)}`]
    const { warnings, settings } = replacement
    const told = [...warnings, ...(settings?.changed ?? []), ...(settings?.dropped ?? [])]
    return { outcome: differences.size > 0 ? 'unfaithful' : 'faithful', started, details, told }
  } finally {
    for (const left of [name, twin, `${name}.dockline-next`, `${name}.dockline-prev`])
      await containers.remove(left, { force: true, v: true }).catch(() => {})
    await images.remove(image).catch(() => {})
  }
}
