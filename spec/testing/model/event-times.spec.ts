import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connect } from '../../../lib/engine/connect.ts'
import { modelEngine } from '../../../lib/testing/model/index.ts'

for (const [profile, code] of [
  ['20.10', 'ENGINE_ERROR'],
  ['28', 'ENGINE_ERROR'],
  ['podman', undefined],
] as const) {
  test(`${profile}: events since a date are ${code === undefined ? 'told' : 'refused'}`, async () => {
    await using model = modelEngine({ profile })
    await using docker = await connect({ host: 'unix:///model', transport: () => model.transport() })
    const read = async (): Promise<undefined> => {
      for await (const _ of docker.system.events({ since: '2026-01-01T00:00:00.5Z', until: 1 })) assert.fail('an event')
    }
    if (code === undefined) assert.equal(await read(), undefined)
    else await assert.rejects(read(), { code })
  })
}
