import { messageOf } from '../../base/errors.ts'
import { silentLog, systemFiles } from '../../base/system.ts'
import type { Docker } from '../../engine/connect.ts'
import { registryFindings, upgradeFindings, type UpgradeFinding } from '../../refresh/before-upgrade.ts'
import { findCandidates } from '../../refresh/candidates.ts'
import { cutOffAdvice, findCutOff } from '../../refresh/cut-off.ts'
import { findLifeline } from '../../refresh/lifeline.ts'
import { runtimeRegistry } from '../../refresh/target.ts'
import { findUnfinished } from '../../refresh/unfinished.ts'
import { createCredentials } from '../../registry/credentials/resolve.ts'
import { endpointUrl } from '../../wire/endpoint.ts'
import { EXIT, exitCodeOf } from '../exit.ts'
import { layLine, type EngineFlags, type Session } from '../session.ts'
import { columns } from '../text.ts'
import type { OutputFlags } from './refresh.ts'

/** What `dockline doctor` found out. */
export interface Diagnosis {
  readonly endpoint?: string | undefined
  /** What chose the endpoint. */
  readonly chosenBy?: string | undefined
  readonly engine?: string | undefined
  /** API version spoken, and the newest of the engine. */
  readonly api?: string | undefined
  readonly store?: string | undefined
  /** Registries with a credential and where it comes from; never the credential. */
  readonly credentials: readonly { readonly registry: string; readonly source: string }[]
  readonly runtimeRegistry: string
  /** The container that it runs in, by name; `undefined` outside of the engine's containers. */
  readonly container?: string | undefined
  /** Containers through which it reaches the engine, by name. */
  readonly proxies: readonly string[]
  /** Containers whose replacement did not come to its end. */
  readonly unfinished: readonly string[]
  /** Containers that run without the network that they belong to. */
  readonly cutOff: readonly string[]
  /** With `--before-upgrade`: what a Docker 29 would do otherwise. */
  readonly upgrade?: readonly UpgradeFinding[] | undefined
  /** What stands in the way, with the cure. */
  readonly problems: readonly string[]
}

export interface DoctorFlags extends EngineFlags, OutputFlags {
  readonly beforeUpgrade?: boolean | undefined
}

/**
 * `dockline doctor`: looks at everything a refresh needs and changes nothing. Before an upgrade it fails where a container
 * would be lost.
 */
export async function doctorCommand(session: Session, flags: DoctorFlags): Promise<number> {
  const problems: string[] = []
  let code: number = EXIT.ok
  const problem = (error: unknown): void => {
    problems.push(messageOf(error))
    code = Math.max(code, exitCodeOf(error))
  }
  const engine = await examineEngine(session, flags, problems).catch((error: unknown) => {
    problem(error)
    return { unfinished: [], proxies: [], cutOff: [] }
  })
  const log = { info: () => {}, warn: (message: string) => void problems.push(message) }
  const credentials = await createCredentials({ env: session.env, files: systemFiles, log })
    .list()
    .catch((error: unknown) => {
      problem(error)
      return []
    })
  if (engine.unfinished.length > 0)
    problems.push(`left unfinished: ${engine.unfinished.join(', ')}: run "dockline recover"`)
  const diagnosis: Diagnosis = { ...engine, credentials, runtimeRegistry: runtimeRegistry(session.env), problems }
  if (diagnosis.upgrade?.some(({ effect }) => effect === 'lost') === true) code = Math.max(code, EXIT.failed)
  session.stdout.write(flags.json === true ? `${JSON.stringify(diagnosis)}\n` : render(diagnosis))
  return code
}

type EngineFindings = Omit<Diagnosis, 'credentials' | 'runtimeRegistry' | 'problems'>

async function examineEngine(session: Session, flags: DoctorFlags, problems: string[]): Promise<EngineFindings> {
  await using line = await layLine(session, flags, silentLog)
  const { docker, ports } = line
  const [spoken, version, info, open] = [
    await docker.apiVersion(),
    await docker.version(),
    await docker.info(),
    await findUnfinished(docker),
  ]
  const candidates = await findCandidates(
    docker,
    { all: true },
    ({ reason }) => void problems.push(`passed over: ${reason}`),
  )
  const cutOff = await findCutOff(docker)
  problems.push(...cutOff.map(cutOffAdvice))
  const upgrade =
    flags.beforeUpgrade === true
      ? [
          ...candidates.flatMap(({ seen }) => upgradeFindings(seen)),
          ...registryFindings(
            info,
            candidates.map(({ seen }) => seen.view.Config.Image),
          ),
        ]
      : undefined
  const { self, proxies } = await findLifeline(
    candidates.map(({ seen }) => seen),
    ports,
  )
  return {
    container: self?.name,
    proxies: proxies.map(({ name }) => name),
    endpoint: endpointUrl(docker.endpoint),
    chosenBy: docker.endpoint.source,
    engine: `${version.Components[0]?.Name ?? 'engine'} ${version.Version} (${version.Os}/${version.Arch})`,
    api: `${spoken} (the engine's newest is ${version.ApiVersion})`,
    store: storeOf(info),
    cutOff: cutOff.map(({ name }) => name),
    ...(upgrade === undefined ? {} : { upgrade }),
    unfinished: open.flatMap(({ operation }) => operation.map(({ marks }) => marks.name)),
  }
}

function storeOf({ Driver, DriverStatus }: Awaited<ReturnType<Docker['info']>>): string {
  const containerd = DriverStatus.some(([key, value]) => key === 'driver-type' && value.includes('snapshotter'))
  return containerd ? `${Driver} (containerd image store)` : Driver
}

function render(diagnosis: Diagnosis): string {
  const { endpoint, chosenBy, engine, api, store, container, proxies } = diagnosis
  const { credentials, runtimeRegistry, problems } = diagnosis
  const rows = [
    ['endpoint', endpoint === undefined ? 'none' : `${endpoint}, chosen by ${chosenBy}`],
    ['engine', engine ?? 'unknown'],
    ['API version', api ?? 'unknown'],
    ['image store', store ?? 'unknown'],
    ...(container === undefined ? [] : [['runs in', `the container ${container}`]]),
    ...proxies.map((proxy) => ['talks through', `the container ${proxy}`]),
    ['runtime images', runtimeRegistry],
    ...(credentials.length === 0
      ? [['credentials', 'none found: public images only']]
      : credentials.map(({ registry, source }) => ['credentials', `${registry}: ${source}`])),
    ...(diagnosis.upgrade ?? []).map(({ name, effect, what }) => [`upgrade: ${effect}`, `${name}: ${what}`]),
    ...(diagnosis.upgrade?.length === 0 ? [['upgrade', 'a Docker 29 would load every container as it is']] : []),
    ...problems.map((problem) => ['problem', problem]),
    ...(problems.length === 0 ? [['', 'nothing is missing']] : []),
  ]
  return `${columns(rows).join('\n')}\n`
}
