// A dockline that runs in a container of the model engine, and the helper that it hands itself over to.
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { endHelper } from '../../lib/refresh/end-helper.ts'
import type { HandOver, Relief } from '../../lib/refresh/helper.ts'
import { containerProcesses } from '../../lib/refresh/holder.ts'
import { refresh, type RefreshOptions, type RefreshPorts } from '../../lib/refresh/refresh.ts'
import { hasFailures, type RefreshReport } from '../../lib/refresh/report.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import type { ContainerView, ModelEngine } from '../../lib/testing/model/index.ts'

export const DOCK = 'dock'
export const HELPER = 'dock.dockline-helper'
export const DOCK_IMAGE = 'ghcr.io/acme/dockline:latest'

/** What the real command line does of the relief, in one argument. */
export const handOver: HandOver = (relief) => ['/bin/dockline', 'refresh', JSON.stringify(relief)]

export const containerOf = (model: ModelEngine, name: string): ContainerView | undefined =>
  model.containers().find((one) => one.name === name)

/** A process in a container. Each run of a container is a pid namespace of its own. */
export async function processIn(
  model: ModelEngine,
  { clock, random }: Pick<RefreshPorts, 'clock' | 'random'>,
  selfId: string,
  run: string,
  connectTo: () => Promise<Docker> = () => connect({ host: 'unix:///model', transport: () => model.transport() }),
): Promise<RefreshPorts> {
  const engine = await connectTo()
  const processes = {
    self: async () => `boot/${run}/1/0`,
    state: async (identity: string) =>
      identity.startsWith(`boot/${run}/`) ? ('alive' as const) : ('unknown' as const),
  }
  return {
    engine,
    credentials: { resolve: async () => ({ auth: undefined, source: 'anonymous' }) },
    clock,
    random,
    processes: containerProcesses(processes, selfId),
    selfId,
    access: { endpoint: engine.endpoint, lookup: async () => [], place: { id: selfId, sure: true } },
  }
}

/** What the helper's process does, as the command line has it: refresh what it was told, and end. */
export async function helperWorks(
  model: ModelEngine,
  ports: RefreshPorts,
  options: Partial<RefreshOptions> = {},
): Promise<RefreshReport> {
  const { Cmd } = model.inspect(HELPER)['Config'] as { Cmd: string[] }
  const { names, images } = JSON.parse(Cmd[1] ?? '') as Relief
  const report = await refresh(ports, {
    targets: images.map(imageTarget),
    selection: { names },
    gate: { stableFor: 1000 },
    ...options,
  })
  await endHelper(ports.engine, ports.selfId ?? '', !hasFailures(report))
  return report
}
