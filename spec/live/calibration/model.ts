// The model under the script.
import { existsSync } from 'node:fs'

import { manualClock, modelEngine, type ModelEngine, type ProfileName } from '../../../lib/testing/model/index.ts'
import { runScript, type Seen } from './run.ts'
import type { CalibrationWorld } from './world.ts'

export interface CalibrationModel extends AsyncDisposable {
  readonly engine: ModelEngine
  /** Runs the script at an API version. */
  run(version?: string): Promise<Seen[]>
}

/** A model whose images behave as the programs in them do, and which pulls from the same registries. Its time is its own. */
export function calibrationModel(profile: ProfileName, { open, locked, images }: CalibrationWorld): CalibrationModel {
  const clock = manualClock()
  const engine = modelEngine({
    profile,
    clock,
    systemd: existsSync('/run/systemd/system'), // sd_booted(3)
    registries: [open.host, locked.host, '127.0.0.1:1'],
    programs: ([program]) => (program?.includes('no-such') === true ? { process: { missing: program } } : undefined),
  })
  for (const [name, image] of Object.entries(images)) engine.publish(`${open.host}/calib/${name}`, image)
  return {
    engine,
    run: async (version = engine.profile.api) => {
      await using listening = await engine.listen()
      return await runScript({
        host: listening.host,
        version,
        registries: { host: open.host, locked: locked.host },
        pause: (ms) => clock.advance(ms),
      })
    },
    [Symbol.asyncDispose]: () => engine.close(),
  }
}
