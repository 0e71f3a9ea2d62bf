import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DockerError, type ErrorCode } from '../../lib/base/errors.ts'
import { EXIT, exitCodeOf } from '../../lib/cli/exit.ts'

for (const [code, expected] of [
  ['INPUT_INVALID', EXIT.usage],
  ['REF_INVALID', EXIT.usage],
  ['NAME_INVALID', EXIT.usage],
  ['CONFIG_INVALID', EXIT.usage],
  ['ENGINE_UNREACHABLE', EXIT.unreachable],
  ['ENGINE_PERMISSION', EXIT.unreachable],
  ['CONNECTION_LOST', EXIT.unreachable],
  ['TIMEOUT', EXIT.unreachable],
  ['ABORTED', EXIT.interrupted],
  ['PULL_FAILED', EXIT.failed],
  ['ROLLBACK_FAILED', EXIT.failed],
  ['ENGINE_TOO_OLD', EXIT.failed],
] as const satisfies readonly (readonly [ErrorCode, number])[]) {
  test(`an error ${code} ends a command with ${expected}`, () => {
    assert.equal(exitCodeOf(new DockerError(code, 'x')), expected)
  })
}

test('what is no error of dockline ends a command with 1', () => {
  for (const thrown of [new Error('x'), undefined, null, 'text', { code: 'TIMEOUT' }])
    assert.equal(exitCodeOf(thrown), EXIT.failed)
})

test('the codes are those that scripts know', () => {
  assert.deepEqual(EXIT, { ok: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 })
})
