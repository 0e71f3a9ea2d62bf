import { after, before } from 'node:test'

import { backendContract } from '../../contract/backend.ts'
import { chaosSubject } from '../../support/chaos-subject.ts'
import { hostOf } from '../support/engine.ts'
import { workspaceBench, type WorkspaceBench } from '../support/workspace-bench.ts'

const PREFIX = '5eed0c00'
const ID = `${PREFIX}-aaaa-4bbb-8ccc-123456789abc`

let bench: WorkspaceBench

before(async () => {
  bench = await workspaceBench('contract', PREFIX)
})

after(() => bench[Symbol.asyncDispose]())

backendContract('Docker, live', () =>
  chaosSubject(hostOf(bench.docker), async (host) => {
    const backend = await bench.backend({}, host)
    const files = { 'config.yaml': 'name: contract\n' }
    return {
      backend,
      workspace: { id: ID, runtime: 'claude-code', platformUrl: 'http://platform', files },
      close: () => backend.docker.close(),
      cleanUp: async () => {
        const direct = await bench.backend()
        await direct.remove(ID, { data: true })
        await direct.docker.close()
      },
    }
  }),
)
