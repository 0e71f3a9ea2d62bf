import type { ChaosRule, ChaosTerm } from '../../lib/testing/chaos-schedule.ts'
import { chaosProxy } from '../../lib/testing/chaos.ts'
import type { Backend } from '../../lib/workspace/backend.ts'
import type { Workspace } from '../../lib/workspace/workspace.ts'
import type { Fault, Subject } from '../contract/backend.ts'

const ACTIONS: Readonly<Record<Fault, ChaosTerm['action']>> = {
  error: { verb: 'status-before', status: 500 },
  hang: { verb: 'hang' },
  cut: { verb: 'reset-before' },
  garbage: { verb: 'truncate', bytes: 3 },
}

/** What is under test behind a proxy at `host`, and what becomes of it afterwards. */
export interface Behind {
  readonly backend: Backend
  readonly workspace: Workspace
  /** Closes its line to the proxy. */
  close(): Promise<void>
  /** Removes what it made, by another way than the proxy. */
  cleanUp(): Promise<void>
}

/** A subject of the backend contract whose engine can be broken: a proxy stands in front of it. */
export async function chaosSubject(target: string, make: (host: string) => Promise<Behind>): Promise<Subject> {
  const terms: ChaosTerm[] = [{ times: Infinity, action: { verb: 'off' } }]
  const rule: ChaosRule = { method: '*', path: /./, terms }
  const proxy = await chaosProxy({ target, schedule: [rule] })
  const behind = await make(proxy.host)
  return {
    backend: behind.backend,
    workspace: behind.workspace,
    break: (fault) => {
      terms[0] = { times: Infinity, action: ACTIONS[fault] }
    },
    [Symbol.asyncDispose]: async () => {
      await behind.close()
      await proxy.close()
      await behind.cleanUp()
    },
  }
}
