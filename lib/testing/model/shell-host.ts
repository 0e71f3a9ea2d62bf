import { textAt } from '../../base/json.ts'
import { outcomeOf, type Behaviour, type ExecOutcome } from './behaviour.ts'
import type { Container } from './container.ts'
import { textsAt } from './fields.ts'
import { listFolder, readFile, removeFile, writeFile } from './filesystem.ts'
import type { ShellHost } from './shell-process.ts'
import type { World } from './world.ts'

function behaviourOf(world: World, container: Container): Behaviour {
  const image = world.state.images.get(container.image)
  const argv = [...textsAt(container.config, 'Entrypoint'), ...textsAt(container.config, 'Cmd')]
  return world.programs(argv) ?? world.behaviours.get(image?.configDigest ?? '') ?? {}
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface ShellOptions {
  readonly stdin?: string | undefined
  /** Set over the container's. */
  readonly env?: readonly string[] | undefined
  readonly cwd?: string | undefined
  readonly user?: string | undefined
}

/** The container as a process of the small shell sees it. */
export function shellHost(world: World, container: Container, options: ShellOptions = {}): ShellHost {
  const { config } = container
  const user = (options.user || textAt(config, 'User') || 'root').split(':')[0] as string
  const hostname = textAt(config, 'Hostname')
  const env = new Map([
    ['PATH', PATH],
    ['HOSTNAME', hostname],
  ])
  if (config['Tty'] === true) env.set('TERM', 'xterm')
  for (const entry of [...textsAt(config, 'Env'), ...(options.env ?? [])]) {
    const at = entry.indexOf('=')
    if (at > 0) env.set(entry.slice(0, at), entry.slice(at + 1))
  }
  if (!env.has('HOME')) env.set('HOME', user === 'root' || user === '0' ? '/root' : '/')
  return {
    env,
    cwd: options.cwd || textAt(config, 'WorkingDir') || '/',
    user,
    hostname,
    listens: behaviourOf(world, container).serves !== undefined,
    stdin: options.stdin ?? '',
    program: (argv): ExecOutcome | undefined => {
      const behaviour = world.programs(argv)
      return behaviour === undefined ? undefined : outcomeOf(behaviour)
    },
    read: (path) => readFile(world, container, path),
    write: (path, data) => writeFile(world, container, path, data),
    remove: (path) => removeFile(world, container, path),
    list: (path) => listFolder(world, container, path),
  }
}
