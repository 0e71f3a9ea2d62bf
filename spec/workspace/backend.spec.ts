import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'

import type { ServedReply } from '../../lib/testing/served.ts'
import { chooseBackend } from '../../lib/workspace/choose.ts'
import { memoryStore } from '../../lib/workspace/store/memory.ts'
import { unconfiguredBackend } from '../../lib/workspace/unconfigured.ts'
import { silentLog, systemRandom } from '../../lib/base/system.ts'
import { absentBackendContract, backendContract, type Fault, type Subject } from '../contract/backend.ts'
import { text } from '../support/control-plane.ts'
import { planeWorld } from '../support/plane-world.ts'
import { engineError } from '../support/small-engine.ts'
import { ID, aWorkspace, workspaceWorld } from '../support/workspace-world.ts'

const GARBAGE = '<html>canary</html>'

async function* garbage(): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(GARBAGE)
}

const ENGINE_FAULTS: Readonly<Record<Fault, () => Promise<ServedReply | undefined>>> = {
  error: async () => engineError(500, 'the engine is busy'),
  hang: () => new Promise(() => {}),
  cut: async () => undefined,
  garbage: async () => ({ status: 200, headers: ['Content-Type', 'text/html'], body: garbage() }),
}

const PLANE_FAULTS: Readonly<Record<Fault, (response: ServerResponse) => unknown>> = {
  error: (response) => text(response, 500, GARBAGE),
  hang: () => {},
  cut: (response) => response.socket?.destroy(),
  garbage: (response) => text(response, 200, GARBAGE),
}

async function dockerSubject(): Promise<Subject> {
  const world = await workspaceWorld()
  return {
    backend: world.backend,
    workspace: aWorkspace(),
    break: (fault) => {
      world.engine.intercept = ENGINE_FAULTS[fault]
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

async function planeSubject(): Promise<Subject> {
  const world = await planeWorld()
  return {
    backend: world.backend,
    workspace: aWorkspace(),
    break: (fault) => {
      world.plane.script = (_, response) => {
        PLANE_FAULTS[fault](response)
        return true
      }
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

backendContract('Docker', dockerSubject, 'TestDockerBackend_Contract: ')
backendContract('control plane', planeSubject, 'TestCPProvisionerBackend_Contract: ')
absentBackendContract('unconfigured', unconfiguredBackend)

test('TestZeroValuedBackends_NoPanic: without engine, plane or line everything is an answer, and nothing a crash', async () => {
  const none = chooseBackend({ env: {}, store: memoryStore(), random: systemRandom, log: silentLog })
  assert.equal(none.kind, 'none')
  await assert.rejects(none.stop(ID), { code: 'NO_BACKEND' })
  assert.equal((await none.status(ID)).state, 'unknown', 'and so not running, but not stopped either')
  await using lineless = await planeWorld({ http: false })
  await lineless.backend.stop(ID)
  assert.deepEqual(await lineless.backend.status(ID), { state: 'stopped' })
  await assert.rejects(lineless.backend.start(aWorkspace()), { code: 'NO_BACKEND' })
  await assert.rejects(lineless.backend.console(ID), { code: 'NO_BACKEND' })
  await lineless.store.save(ID, { instanceId: 'i-1' })
  await assert.rejects(lineless.backend.stop(ID), { code: 'NO_BACKEND' })
  assert.equal((await lineless.backend.status(ID)).state, 'unknown')
})
