import { messageOf } from '../../lib/base/errors.ts'
import { objectAt, textAt, type JsonObject } from '../../lib/base/json.ts'
import { systemClock, systemRandom } from '../../lib/base/system.ts'
import type { Clock } from '../../lib/base/ports.ts'
import type { Docker } from '../../lib/engine/connect.ts'
import { replace } from '../../lib/refresh/replace.ts'
import { unfaithful } from './faithful.ts'

/** A container as somebody may have made it. */
export interface Made {
  /** Its name. */
  readonly name: string
  /** Body of its create call, without the image. */
  readonly body: JsonObject
  /** Endpoints that are connected after the create, as below API 1.44, by network. */
  readonly connect?: Readonly<Record<string, JsonObject>> | undefined
  /** What it does when it is replaced; default `running`. */
  readonly state?: 'running' | 'paused' | 'exited' | 'created' | undefined
  readonly allowNoRollback?: boolean | undefined
}

export interface Release {
  readonly docker: Docker
  /** The repository that gets a tag for the container. */
  readonly repository: string
  /** Ids of the image before and after. */
  readonly before: string
  readonly after: string
  readonly clock?: Clock | undefined
}

/** What became of it. */
export interface Result {
  readonly outcome: 'faithful' | 'unfaithful' | 'refused by the engine' | 'refused by dockline' | 'failed'
  /** Whether the engine started it, where it was to run. */
  readonly started: boolean
  /** Reasons, or what is not as it was. */
  readonly details: readonly string[]
}

/** Makes a container on the old image, replaces it by the new one, and looks what is lost. Leaves nothing behind. */
export async function replaced(
  { docker, repository, before, after, clock = systemClock }: Release,
  made: Made,
): Promise<Result> {
  const { containers, images } = docker
  const { name, body, connect = {}, state = 'running' } = made
  const tag = name.replace(/^.*-/, 'of') // not the name itself, which is taken for a word when two are compared
  const image = `${repository}:${tag}`
  const twin = `${name}-twin`
  const make = async (as: string): Promise<void> => {
    await containers.create({ ...body, Image: image }, { name: as })
    for (const [network, EndpointConfig] of Object.entries(connect))
      await docker.networks.connect(network, { Container: as, EndpointConfig })
  }
  try {
    await images.tag(before, { repo: repository, tag })
    try {
      await make(name)
    } catch (error) {
      return { outcome: 'refused by the engine', started: false, details: [messageOf(error, 160)] }
    }
    const refused = state === 'created' ? undefined : await containers.start(name).then(() => undefined, messageOf)
    const started = state !== 'created' && refused === undefined
    if (started && state === 'paused') await containers.pause(name)
    if (started && state === 'exited') await containers.stop(name)
    const old = await containers.inspectRaw(name)
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
      },
      [{ id: textAt(old, 'Id'), name, imageId: after }],
    )
    if (replacement?.outcome !== 'replaced') {
      const outcome =
        replacement?.code === 'PROOF_FAILED' || replacement?.outcome === 'skipped' ? 'refused by dockline' : 'failed'
      return { outcome, started, details: [replacement?.reason ?? 'nothing was said'] }
    }
    const next = await containers.inspectRaw(name)
    await make(twin)
    const differences = unfaithful({ old, next, reference: await containers.inspectRaw(twin) })
    if (next['Image'] !== after) differences.push(`Image: ${textAt(next, 'Image')}`)
    if (objectAt(next, 'Config')['Image'] !== objectAt(old, 'Config')['Image']) differences.push('Config.Image')
    const details =
      differences.length > 0 || refused === undefined ? differences : [`does not start: ${refused.slice(0, 160)}`]
    return { outcome: differences.length > 0 ? 'unfaithful' : 'faithful', started, details }
  } finally {
    for (const left of [name, twin, `${name}.dockline-next`, `${name}.dockline-prev`])
      await containers.remove(left, { force: true, v: true }).catch(() => {})
    await images.remove(image).catch(() => {})
  }
}
