import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isDockerError } from '../../lib/base/errors.ts'
import type { Backend } from '../../lib/workspace/backend.ts'
import type { Workspace } from '../../lib/workspace/workspace.ts'

/** What may be wrong with the other side: it says 500 to all, is silent, cuts the line, or speaks nonsense. */
export const FAULTS = ['error', 'hang', 'cut', 'garbage'] as const
export type Fault = (typeof FAULTS)[number]

/** A backend and the other side of it. */
export interface Subject extends AsyncDisposable {
  readonly backend: Backend
  /** One that can be started. */
  readonly workspace: Workspace
  /** From now on the other side is so. */
  break(fault: Fault): void
}

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const HOSTILE = ['', '.', '..', 'a/b', '../../x', 'a?b=c', 'a b', 'a\0b', 'é', 'x'.repeat(300)]

/** What every backend holds to that has another side. */
export function backendContract(name: string, make: () => Promise<Subject>, row = ''): void {
  const titled = (what: string): string => `${name}: ${what}`

  test(`${row}${titled('a workspace that is not known is stopped, and stopping and removing it are successes')}`, async () => {
    await using subject = await make()
    const { backend } = subject
    assert.deepEqual(await backend.status(UNKNOWN), { state: 'stopped' })
    await backend.stop(UNKNOWN)
    await backend.stop(UNKNOWN)
    await backend.remove(UNKNOWN)
  })

  test(titled('a workspace that is started runs until it is stopped, and each step may be taken twice'), async () => {
    await using subject = await make()
    const { backend, workspace } = subject
    const { id } = workspace
    const started = await backend.start(workspace)
    assert.ok((started.url ?? started.instanceId ?? '') !== '', 'it says where it is')
    assert.deepEqual(await backend.status(id), { state: 'running' })
    assert.equal(typeof (await backend.console(id)), 'string')
    await backend.stop(id)
    assert.deepEqual(await backend.status(id), { state: 'stopped' })
    await backend.stop(id)
    await backend.start(workspace)
    assert.deepEqual(await backend.status(id), { state: 'running' })
    await backend.start(workspace)
    assert.deepEqual(await backend.status(id), { state: 'running' })
    await backend.remove(id)
    assert.deepEqual(await backend.status(id), { state: 'stopped' })
    await backend.remove(id)
  })

  for (const fault of FAULTS) {
    test(
      titled(`when the other side is at fault (${fault}) a running workspace is unknown, and a stop is no success`),
      async () => {
        await using subject = await make()
        const { backend, workspace } = subject
        await backend.start(workspace)
        subject.break(fault)
        // Who hangs does so for any time.
        const signal = (): AbortSignal => AbortSignal.timeout(fault === 'hang' ? 100 : 500)
        const status = await backend.status(workspace.id, { signal: signal() })
        assert.equal(status.state, 'unknown')
        assert.ok(status.state === 'unknown' && status.reason !== '', 'with a reason')
        for (const call of [
          () => backend.stop(workspace.id, { signal: signal() }),
          () => backend.remove(workspace.id, { signal: signal() }),
          () => backend.start(workspace, { signal: signal() }),
          () => backend.console(workspace.id, { signal: signal() }),
        ])
          await assert.rejects(call, (error) => isDockerError(error) || (error as Error).name === 'TimeoutError')
      },
    )
  }

  test(titled('an id that no workspace can have reaches nobody, and is not stopped'), async () => {
    await using subject = await make()
    const { backend, workspace } = subject
    for (const id of HOSTILE) {
      assert.equal((await backend.status(id)).state, 'unknown', id)
      const refused = { code: 'NAME_INVALID' }
      await assert.rejects(backend.stop(id), refused, id)
      await assert.rejects(backend.remove(id), refused, id)
      await assert.rejects(backend.console(id), refused, id)
      await assert.rejects(backend.start({ ...workspace, id }), refused, id)
    }
  })

  test(titled('it can be closed twice'), async () => {
    await using subject = await make()
    await subject.backend.close()
    await subject.backend.close()
    await subject.backend[Symbol.asyncDispose]()
  })
}

/** What a backend holds to that has no other side: it says so to everything, and never that something is stopped. */
export function absentBackendContract(name: string, make: () => Backend, row = ''): void {
  test(`${row}${name}: everything is refused with its own code, and nothing is stopped`, async () => {
    await using backend = make()
    const absent = { code: 'NO_BACKEND' }
    for (const id of [UNKNOWN, ...HOSTILE]) {
      const status = await backend.status(id)
      assert.equal(status.state, 'unknown')
      await assert.rejects(backend.stop(id), absent)
      await assert.rejects(backend.remove(id), absent)
      await assert.rejects(backend.console(id), absent)
      await assert.rejects(backend.start({ id, platformUrl: '' }), absent)
    }
    await backend.close()
  })
}
