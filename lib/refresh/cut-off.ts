// Containers that run without the network that they were made for, whoever started them.
import { listAll, see, type RefreshEngine } from './container.ts'
import { networksOf } from './successor/networking.ts'

/** A container that runs and cannot be reached. */
export interface CutOff {
  readonly name: string
  readonly id: string
  /** Network of its `NetworkMode`. */
  readonly network: string
}

/**
 * Containers that run with no network at all although their `NetworkMode` names one that is there. A Docker 29.7 leaves
 * them so when their host port was taken at an earlier start, also at the start of the daemon.
 */
export async function findCutOff(engine: Pick<RefreshEngine, 'containers' | 'networks'>): Promise<CutOff[]> {
  const rows = await listAll(engine)
  const suspects = rows.filter(
    ({ State, NetworkSettings }) => State === 'running' && Object.keys(NetworkSettings?.Networks ?? {}).length === 0,
  )
  if (suspects.length === 0) return []
  const networks = await engine.networks.list()
  const found: CutOff[] = []
  for (const { Id } of suspects) {
    const seen = await see(engine, Id)
    if (seen === undefined || Object.keys(networksOf(seen.raw)).length > 0) continue
    const mode = seen.view.HostConfig.NetworkMode
    const name = mode === 'default' ? 'bridge' : mode
    const network = networks.find((one) => one.Name === name || one.Id === name)
    if (network === undefined || network.Driver === 'host' || network.Driver === 'null') continue
    found.push({ name: seen.name, id: seen.id, network: network.Name })
  }
  return found
}

/** What to tell of such a container, and how it is mended. */
export function cutOffAdvice({ name, network }: CutOff): string {
  return `${name} runs without any network and without its published ports, although it belongs to ${network}: free its host port, then docker stop ${name}; docker network connect ${network} ${name}; docker start ${name}`
}
