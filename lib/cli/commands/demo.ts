import { systemClock, systemRandom } from '../../base/system.ts'
import { connect } from '../../engine/connect.ts'
import { refresh } from '../../refresh/refresh.ts'
import { RUNTIMES, WORKSPACE_PREFIX, runtimeTarget } from '../../refresh/target.ts'
import { formatReference } from '../../base/reference.ts'
import { modelEngine, type ContainerSeed, type ModelImage } from '../../testing/model/index.ts'
import { EXIT } from '../exit.ts'
import { createProgress } from '../progress.ts'
import type { Session } from '../session.ts'
import { summary } from '../summary.ts'
import type { OutputFlags } from './refresh.ts'

const WORKSPACES: readonly (readonly [name: string, runtime: string])[] = [
  ['ws-3f2a91c0-7d1', 'hermes'],
  ['ws-8b40e6d2-1aa', 'hermes'],
  ['ws-c97d05f1-4e8', 'hermes'],
  ['ws-1e6f33b8-902', 'claude-code'],
  ['ws-5ad2c470-bb6', 'claude-code'],
  ['ws-e0139a5d-2c7', 'langgraph'],
  ['ws-74c8b16e-d03', 'gemini-cli'],
  ['ws-96f1d82a-5f4', 'openclaw'],
]
const FAILING = 'openclaw'

const INTRO = `dockline demo: this is the embedded model engine. No Docker is used and nothing on this machine is touched.
Eight workspaces run old images; a release has come out, and the new openclaw image is broken.

`
const OUTRO = `
For your own engine: dockline doctor, then dockline plan, then dockline refresh.
Any image: dockline refresh --image ghcr.io/acme/app:latest --name-prefix app-
`

/** `dockline demo`: the main job on the embedded model engine. */
export async function demoCommand(session: Session, flags: OutputFlags): Promise<number> {
  const { stdout, stderr, signal } = session
  const says = flags.json === true ? () => {} : (text: string) => void stdout.write(text)
  says(INTRO)
  await using engine = stage()
  await using docker = await connect({ host: 'unix:///embedded', transport: () => engine.transport() })
  const progress = createProgress(stderr, flags.quiet === true)
  const report = await refresh(
    {
      engine: docker,
      credentials: { resolve: () => Promise.resolve({ auth: undefined, source: 'anonymous' }) },
      clock: systemClock,
      random: systemRandom,
      processes: { self: () => Promise.resolve('demo'), state: () => Promise.resolve('unknown') },
    },
    {
      targets: RUNTIMES.map((runtime) => runtimeTarget(runtime, {})),
      selection: { namePrefix: WORKSPACE_PREFIX },
      gate: { stableFor: 600 },
      onEvent: (event) => progress.show(event),
      signal,
    },
  ).finally(() => progress.end())
  says('\n')
  stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : summary(report))
  says(OUTRO)
  return report.interrupted ? EXIT.interrupted : EXIT.ok
}

const referenceOf = (runtime: string): string => formatReference(runtimeTarget(runtime, {}).ref)

function stage(): ReturnType<typeof modelEngine> {
  const containers: ContainerSeed[] = WORKSPACES.map(([name, runtime]) => ({
    name,
    Image: referenceOf(runtime),
    Env: [`WORKSPACE_ID=${name.slice(WORKSPACE_PREFIX.length)}`],
    HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
  }))
  const images = Object.fromEntries(RUNTIMES.map((runtime) => [referenceOf(runtime), image(runtime, '1.4.0')]))
  const engine = modelEngine({ images, containers })
  for (const runtime of RUNTIMES) engine.publish(referenceOf(runtime), image(runtime, '1.5.0'))
  return engine
}

function image(runtime: string, version: string): ModelImage {
  const breaks = runtime === FAILING && version === '1.5.0'
  return {
    config: {
      Cmd: ['/app/serve'],
      Env: [`RUNTIME=${runtime}`],
      Labels: { 'org.opencontainers.image.version': version },
    },
    layers: [{ name: `${runtime} ${version}`, bytes: 4 << 20 }],
    behaviour: { stopsAfter: 120, ...(breaks ? { process: { exits: 1, after: 250 } } : {}) },
  }
}
