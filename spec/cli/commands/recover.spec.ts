import assert from 'node:assert/strict'
import { test } from 'node:test'

import { recoverCommand } from '../../../lib/cli/commands/recover.ts'
import { testSession } from '../../support/session.ts'
import { APP, leaveHalfDone, setStage, type Stage } from '../../support/stage.ts'

async function recovered(flags: Omit<Parameters<typeof recoverCommand>[1], 'host'>): Promise<{
  readonly code: number
  readonly outcomes: readonly string[]
  readonly stage: Stage
}> {
  const stage = await setStage({
    containers: [
      { name: 'ws-1', Image: APP },
      { name: 'db-1', Image: APP },
    ],
  })
  await leaveHalfDone(stage, 'ws-1', 'parked')
  await leaveHalfDone(stage, 'db-1', 'parked')
  await using listening = await stage.model.listen()
  const session = testSession({})
  const code = await recoverCommand(session, { host: listening.host, json: true, ...flags })
  const { operations } = JSON.parse(session.printed().stdout) as { operations: { name: string; outcome: string }[] }
  return { code, outcomes: operations.map(({ name, outcome }) => `${name} ${outcome}`).toSorted(), stage }
}

test('recover ends all that was left unfinished', async () => {
  const { code, outcomes } = await recovered({})
  assert.equal(code, 0)
  assert.deepEqual(outcomes, ['db-1 rolled-back', 'ws-1 rolled-back'])
})

for (const flags of [{ name: ['ws-1'] }, { namePrefix: 'ws-' }]) {
  test(`recover with ${JSON.stringify(flags)} leaves what is not selected, and tells of it`, async () => {
    const { code, outcomes, stage } = await recovered(flags)
    assert.equal(code, 0)
    assert.deepEqual(outcomes, ['db-1 left', 'ws-1 rolled-back'])
    assert.deepEqual(stage.names(), ['db-1.dockline-next', 'db-1.dockline-prev', 'ws-1'])
  })
}
