import { after, before } from 'node:test'

import type { ChaosRule, ChaosTerm } from '../../../lib/testing/chaos-schedule.ts'
import { chaosProxy } from '../../../lib/testing/chaos.ts'
import { backendContract, type Fault, type Subject } from '../../contract/backend.ts'
import { hostOf } from '../support/engine.ts'
import { workspaceBench, type WorkspaceBench } from '../support/workspace-bench.ts'

const PREFIX = '5eed0c00'
const ID = `${PREFIX}-aaaa-4bbb-8ccc-123456789abc`

const ACTIONS: Readonly<Record<Fault, ChaosTerm['action']>> = {
  error: { verb: 'status-before', status: 500 },
  hang: { verb: 'hang' },
  cut: { verb: 'reset-before' },
  garbage: { verb: 'truncate', bytes: 3 },
}

let bench: WorkspaceBench

before(async () => {
  bench = await workspaceBench('contract', PREFIX)
})

after(() => bench[Symbol.asyncDispose]())

async function subject(): Promise<Subject> {
  const terms: ChaosTerm[] = [{ times: Infinity, action: { verb: 'off' } }]
  const rule: ChaosRule = { method: '*', path: /./, terms }
  const proxy = await chaosProxy({ target: hostOf(bench.docker), schedule: [rule] })
  const backend = await bench.backend({}, proxy.host)
  const workspace = {
    id: ID,
    runtime: 'claude-code',
    platformUrl: 'http://platform',
    files: { 'config.yaml': 'name: contract\n' },
  }
  return {
    backend,
    workspace,
    break: (fault) => {
      terms[0] = { times: Infinity, action: ACTIONS[fault] }
    },
    [Symbol.asyncDispose]: async () => {
      await backend.docker.close()
      await proxy.close()
      const direct = await bench.backend()
      await direct.remove(ID, { data: true })
      await direct.docker.close()
    },
  }
}

backendContract('Docker, live', subject)
