import { backendContract } from '../../contract/backend.ts'
import { chaosSubject } from '../../support/chaos-subject.ts'
import { ID, IMAGE, aWorkspace } from '../../support/workspace-world.ts'
import { silentLog, systemClock } from '../../../lib/base/system.ts'
import { connect } from '../../../lib/engine/connect.ts'
import { modelEngine } from '../../../lib/testing/index.ts'
import { dockerBackend } from '../../../lib/workspace/docker/backend.ts'
import { systemTemplates } from '../../../lib/workspace/template.ts'

const AGENT = { config: { Cmd: ['/agent'] }, behaviour: { stdout: ['up'] } }

for (const profile of ['20.10', '28', '28-containerd', '29', '29-containerd', 'podman-4', 'podman'] as const)
  backendContract(`Docker, model of ${profile}`, async () => {
    const engine = modelEngine({ profile, images: { [IMAGE]: AGENT } })
    const listening = await engine.listen()
    const own = await connect({ host: listening.host, env: {} })
    await own.networks.create({ Name: 'agents' })
    await own.close()
    return chaosSubject(listening.host, async (host) => {
      const docker = await connect({ host, env: {} })
      const ports = {
        engine: docker,
        credentials: { resolve: async () => ({ auth: undefined, source: 'the spec' }) },
        clock: { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(1, signal) },
        env: {},
        host: { platform: 'linux', arch: 'x64' },
        templates: systemTemplates,
        log: silentLog,
      }
      return {
        backend: dockerBackend(ports, { network: 'agents', instance: 'here' }),
        workspace: aWorkspace({ id: ID }),
        close: () => docker.close(),
        cleanUp: () => engine.close(),
      }
    })
  })
