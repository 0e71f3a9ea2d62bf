// One engine, and the model that should be like it, through the same script.
import { setTimeout as delay } from 'node:timers/promises'

import { connect } from '../../../lib/index.ts'
import { profileOf, type ProfileName } from '../../../lib/testing/model/index.ts'
import { PROFILES } from '../../../lib/testing/model/profiles.ts'
import { compareVersions } from '../../../lib/wire/version.ts'
import { compare, type Row } from './compare.ts'
import { calibrationModel } from './model.ts'
import { runScript } from './run.ts'
import { PODMAN_PORTS, busybox, calibrationWorld } from './world.ts'

export interface Calibration {
  readonly profile: ProfileName
  /** Name and version of the real engine. */
  readonly engine: string
  readonly rows: readonly Row[]
}

export async function calibrate(host: string): Promise<Calibration> {
  await using docker = await connect({ host })
  const [version, info] = [await docker.version(), await docker.info()]
  const containerdStore = info.DriverStatus.some(([, value]) => value === 'io.containerd.snapshotter.v1')
  const profile = profileOf({ ...version, containerdStore })
  if (profile === undefined) throw new Error(`no profile of the model is like ${version.Version}`)
  await using world = await calibrationWorld(
    busybox(),
    PROFILES[profile].family === 'podman' ? PODMAN_PORTS : undefined,
  )
  const registries = { host: world.open.host, locked: world.locked.host }
  await using model = calibrationModel(profile, world)
  const spoken =
    compareVersions(version.ApiVersion, model.engine.profile.api) < 0 ? version.ApiVersion : model.engine.profile.api
  const real = await runScript({ host, version: spoken, registries, pause: (ms) => delay(ms) })
  return {
    profile,
    engine: `${version.Components[0]?.Name ?? ''} ${version.Version}`,
    rows: compare(profile, real, await model.run(spoken)),
  }
}
