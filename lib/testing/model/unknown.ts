// What a strict model refuses of a process: programs, users and folders that the container has not (seen on 28.5.2).
import { textAt } from '../../base/json.ts'
import type { Container } from './container.ts'
import { listFolder, readFile } from './filesystem.ts'
import { refuse } from './refusal.ts'
import { isKnown } from './shell.ts'
import type { World } from './world.ts'

/** A user by name or number, with or without a group. @throws Refusal 400 when /etc/passwd has no such name */
export function checkUser(world: World, container: Container, user: string): void {
  const [name = ''] = user.split(':')
  if (!world.strict.processes || name === '' || /^\d+$/.test(name)) return
  const passwd = Buffer.from(readFile(world, container, '/etc/passwd') ?? '').toString('utf8')
  if (!passwd.split('\n').some((line) => line.startsWith(`${name}:`)))
    refuse([400, `unable to find user ${name}: no matching entries in passwd file`])
}

/** Why a command line cannot run here; nothing when it can. */
export function whyNot(
  world: World,
  container: Container,
  argv: readonly string[],
  folder: string,
): string | undefined {
  if (!world.strict.processes) return undefined
  if (folder !== '' && listFolder(world, container, folder) === undefined)
    return `chdir to cwd (${JSON.stringify(folder)}) set in config.json failed: no such file or directory`
  const program = argv[0] ?? ''
  if (isKnown(argv) || readFile(world, container, program) !== undefined) return undefined
  const why = program.includes('/')
    ? `stat ${program}: no such file or directory`
    : 'executable file not found in $PATH'
  return `exec: ${JSON.stringify(program)}: ${why}`
}

/** Refuses the start of a container whose user or program is not there. */
export function checkProcess(world: World, container: Container, argv: readonly string[]): void {
  checkUser(world, container, textAt(container.config, 'User'))
  const why = whyNot(world, container, argv, '')
  if (why === undefined) return
  const runc =
    'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process'
  refuse([400, `failed to create task for container: ${runc}: error during container init: ${why}`])
}
