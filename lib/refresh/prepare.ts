import { RefreshError, hasCode, isNotFound } from '../base/errors.ts'
import { objectAt, textAt, type JsonObject } from '../base/json.ts'
import { atLeast } from '../engine/api-version.ts'
import type { ImageInspect } from '../engine/schema/images.ts'
import { see, type RefreshEngine, type Seen } from './container.ts'
import { interfaceNote } from './podman-interfaces.ts'
import { libpodOf } from './podman-refusal.ts'
import { readCreateCommand } from './successor/create-command.ts'
import { askedFor, keepsIp } from './successor/podman-asked.ts'
import { askAgain, completeInspect } from './successor/podman-plan.ts'
import { HIDDEN_SINCE, TOLD_BY, keepsMac, macAddresses } from './successor/mac-addresses.ts'
import { isNetworkless } from './successor/networking.ts'
import { isOfPodman } from './successor/podman.ts'
import { successor, type Successor } from './successor/successor.ts'
import { lenderOf } from './successor/volumes.ts'

/** All that must be known before the first container is made. */
export interface Prepared {
  readonly plan: Successor
  readonly newImage: ImageInspect
}

export interface PrepareOptions {
  readonly keepMac?: boolean | undefined
  readonly keepIp?: boolean | undefined
  readonly order?: 'stop-first' | 'start-first' | undefined
}

/**
 * Reads both images and the containers that lend their volumes, and plans the successor. Touches nothing.
 *
 * @param moved old id or name → new id or name, of containers that move in the same operation
 */
export async function prepare(
  engine: RefreshEngine,
  old: Seen,
  newImageId: string,
  moved: ReadonlyMap<string, string>,
  { keepMac, keepIp, order }: PrepareOptions = {},
): Promise<Prepared> {
  const podman = isOfPodman(old.raw)
  const apiVersion = await engine.apiVersion()
  const [oldImage, newImage, containerWide, volumesFrom, movedLenders] = await Promise.all([
    image(
      engine,
      { id: old.view.Image, podman },
      'the image it was made from is gone, so its defaults cannot be told from what was set on it',
    ),
    image(engine, { id: newImageId, podman }, 'the new image is gone'),
    containerMac(engine, old, apiVersion),
    lenders(engine, old),
    lendersThatMoved(engine, old, moved),
  ])
  const libpod = await libpodOf(engine, old)
  const kept = { ip: keepIp === true || keepsIp(old), mac: keepMac === true || keepsMac(old) }
  const flags = readCreateCommand(libpod?.Config.CreateCommand ?? [])
  const asked = podman ? askedFor(old.raw, flags, kept) : undefined
  // A rename does not reach the DNS of podman: started before it has its name, the successor would be found by no one.
  const alias = order === 'start-first' ? old.name : undefined
  const plan = successor({
    old: asked === undefined ? old : { ...old, raw: completeInspect(old.raw, asked) },
    oldImage,
    newImage,
    apiVersion,
    volumesFrom: volumesFrom.map(({ raw }) => raw),
    movedLenders,
    macs: macAddresses(old, { apiVersion, containerWide, keep: keepMac }),
    moved,
  })
  if (asked === undefined) return { plan, newImage }
  const note = await interfaceNote(engine, old)
  if (note !== undefined) plan.notes.changed.push(note)
  return { plan: askAgain(plan, asked, { raw: old.raw, libpod, alias }), newImage }
}

// Where the API does not tell it any more, one look in an older version does.
async function containerMac(
  { containers }: RefreshEngine,
  { id, raw, view }: Seen,
  apiVersion: string,
): Promise<string | undefined> {
  if (!atLeast(apiVersion, HIDDEN_SINCE) || isNetworkless(view.HostConfig.NetworkMode))
    return textAt(objectAt(raw, 'Config'), 'MacAddress')
  try {
    return textAt(objectAt(await containers.inspectRaw(id, { apiVersion: TOLD_BY }), 'Config'), 'MacAddress')
  } catch (error) {
    if (hasCode(error, 'BAD_REQUEST')) return undefined // an engine that does not speak it any more
    throw error
  }
}

async function image(
  { images }: RefreshEngine,
  { id, podman }: { readonly id: string; readonly podman: boolean },
  missing: string,
): Promise<ImageInspect> {
  try {
    const inspect = await images.inspect(id)
    // A proxy before the socket may not let this one through: then the container's check is taken for the user's.
    const Healthcheck = podman ? await images.libpodHealthcheck(id).catch(absentAsUndefined) : undefined
    return podman ? { ...inspect, Config: { ...inspect.Config, Healthcheck } } : inspect
  } catch (cause) {
    throw isNotFound(cause) ? new RefreshError('UNSUPPORTED', missing, { cause }) : cause
  }
}

async function lenders(engine: RefreshEngine, old: Seen): Promise<Seen[]> {
  const names = Array.isArray(old.view.HostConfig.VolumesFrom) ? old.view.HostConfig.VolumesFrom : []
  const found = await Promise.all(names.map((source) => see(engine, lenderOf(source))))
  return found.filter((seen) => seen !== undefined)
}

async function lendersThatMoved(
  engine: RefreshEngine,
  old: Seen,
  moved: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, JsonObject>> {
  const lenders = new Map<string, JsonObject>()
  for (const name of (old.view.HostConfig.VolumesFrom ?? []).map(lenderOf)) {
    const next = moved.get(name)
    const seen = next === undefined ? undefined : await see(engine, next)
    if (seen !== undefined) lenders.set(name, seen.raw)
  }
  return lenders
}

function absentAsUndefined(error: unknown): undefined {
  if (!hasCode(error, 'NOT_FOUND', 'FORBIDDEN')) throw error
}
