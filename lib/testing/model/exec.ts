import type { Duplex } from 'node:stream'

import { textAt, type JsonObject } from '../../base/json.ts'
import { outcomeOf, type ExecOutcome } from './behaviour.ts'
import { isUp, named, type Container, type Exec } from './container.ts'
import { emitContainer } from './events.ts'
import { endExec } from './exec-end.ts'
import { textsAt } from './fields.ts'
import { frame, write } from './output.ts'
import { behaviourOf } from './process.ts'
import { refuse, refuseIf } from './refusal.ts'
import { nextChange, settle } from './settle.ts'
import { shellHost } from './shell-host.ts'
import type { ShellResult } from './shell-process.ts'
import { isKnown, readsStdin, runShell } from './shell.ts'
import { setTimer } from './timers.ts'
import { checkUser, whyNot } from './unknown.ts'
import { newId, now, type World } from './world.ts'

/** `POST /containers/{id}/exec` */
export function createExec(world: World, container: Container, config: JsonObject): Exec {
  const { words } = world.profile
  const argv = textsAt(config, 'Cmd')
  if (argv.length === 0) refuse(words.noExecCommand())
  if (container.status !== 'running') refuse(words.execStopped(named(container)))
  checkUser(world, container, textAt(config, 'User'))
  const exec: Exec = {
    id: newId(world, 'exec'),
    container: container.id,
    argv,
    config,
    state: 'created',
    exitCode: null,
    startedAt: 0,
    printed: [],
  }
  world.state.execs.set(exec.id, exec)
  emitContainer(world, container, `exec_create: ${argv.join(' ')}`, { execID: exec.id })
  return exec
}

export function needExec(world: World, id: string): Exec {
  return world.state.execs.get(id) ?? refuse(world.profile.words.noExec(id))
}

/** Checks that it may start, and starts it. A second start is told so inside the stream by dockerd. */
export function beginExec(world: World, exec: Exec): ExecOutcome | undefined {
  if (exec.state !== 'created') {
    refuseIf(world.profile.words.execAgain(exec))
    return { stderr: `exec command ${exec.id} has already run\n` }
  }
  const container = world.state.containers.get(exec.container)
  if (container === undefined) return refuse(world.profile.words.noExec(exec.id))
  if (container.status !== 'running') refuse(world.profile.words.execStopped(named(container)))
  emitContainer(world, container, `exec_start: ${exec.argv.join(' ')}`, { execID: exec.id })
  exec.state = 'running'
  exec.startedAt = now(world)
  return undefined
}

/** Whether its program wants its stdin whole before it does anything. */
export function wantsStdin(world: World, exec: Exec): boolean {
  if (exec.config['AttachStdin'] !== true) return false
  const container = world.state.containers.get(exec.container)
  return container !== undefined && isScripted(world, container, exec.argv) === undefined && readsStdin(exec.argv)
}

/** Does its work. What takes time is told by timers: its output, and its end. */
export function runExec(world: World, exec: Exec, stdin: string): void {
  const container = world.state.containers.get(exec.container)
  if (container === undefined) return
  const { printed, exitCode, lasts } = resultOf(world, container, exec, stdin)
  exec.printed = printed
  const timer = { container: container.id, run: container.run, what: 'exec' as const, exec: exec.id }
  for (const { after } of printed) if (after > 0) setTimer(world, { ...timer, at: exec.startedAt + after })
  if (lasts === 0) endExec(world, exec.id, exitCode)
  else if (lasts < Infinity) setTimer(world, { ...timer, at: exec.startedAt + lasts, code: exitCode })
}

function resultOf(world: World, container: Container, { argv, config }: Exec, stdin: string): ShellResult {
  const outcome = isScripted(world, container, argv)
  const why = outcome === undefined ? whyNot(world, container, argv, textAt(config, 'WorkingDir')) : undefined
  if (why !== undefined) {
    const text = `OCI runtime exec failed: exec failed: unable to start container process: ${why}\r\n`
    return { printed: [{ after: 0, stream: 'stdout', text }], exitCode: 127, lasts: 0 }
  }
  if (outcome === undefined && isKnown(argv)) {
    const options = {
      stdin,
      env: textsAt(config, 'Env'),
      cwd: textAt(config, 'WorkingDir'),
      user: textAt(config, 'User'),
    }
    return runShell(shellHost(world, container, options), argv)
  }
  const { stdout = '', stderr = '', exitCode = 0 } = outcome ?? {}
  const printed = [
    { after: 0, stream: 'stdout' as const, text: stdout },
    { after: 0, stream: 'stderr' as const, text: stderr },
  ]
  return { printed: printed.filter(({ text }) => text !== ''), exitCode, lasts: 0 }
}

function isScripted(world: World, container: Container, argv: readonly string[]): ExecOutcome | undefined {
  const own = behaviourOf(world, container).exec?.(argv)
  if (own !== undefined) return own
  const program = world.programs(argv)
  return program === undefined ? undefined : outcomeOf(program)
}

/** What it prints, as it comes, until its end. */
export async function* execOutput(world: World, exec: Exec, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const tty = exec.config['Tty'] === true
  let shown = 0
  for (;;) {
    const due = exec.printed.filter(({ after }) => exec.startedAt + after <= now(world))
    for (const { stream, text } of due.slice(shown))
      yield frame(stream, tty ? text.replaceAll('\n', '\r\n') : text, tty)
    shown = due.length
    const container = world.state.containers.get(exec.container)
    if (exec.state === 'exited' || container === undefined || !isUp(container)) return
    await nextChange(world, signal)
    settle(world)
  }
}

/** Its work on a raw connection. Its stdin is read to its end before a program that reads it runs. */
export async function speak(world: World, exec: Exec, socket: Duplex, signal: AbortSignal): Promise<void> {
  if (exec.state === 'running' && exec.printed.length === 0)
    runExec(world, exec, wantsStdin(world, exec) ? await stdinOf(socket) : '')
  socket.resume()
  for await (const chunk of execOutput(world, exec, signal)) if (!write(socket, chunk)) return
  socket.end()
}

/** All that a client writes until it closes its half of the connection. */
export async function stdinOf(socket: Duplex): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise<void>((resolve) => {
    socket.once('end', resolve).once('close', resolve)
    socket.resume()
  })
  return Buffer.concat(chunks).toString('utf8')
}

/** `GET /exec/{id}/json` */
export function execJson(
  world: World,
  { id, container, argv: [entrypoint = '', ...rest], config, state, exitCode }: Exec,
): JsonObject {
  return {
    ID: id,
    Running: state === 'running',
    ExitCode: state === 'created' && world.profile.family === 'podman' ? 0 : exitCode,
    ProcessConfig: {
      tty: config['Tty'] === true,
      entrypoint,
      arguments: rest,
      privileged: config['Privileged'] === true,
      ...(textAt(config, 'User') === '' ? {} : { user: textAt(config, 'User') }),
    },
    OpenStdin: config['AttachStdin'] === true,
    OpenStderr: config['AttachStderr'] === true,
    OpenStdout: config['AttachStdout'] === true,
    CanRemove: world.profile.family === 'podman' && state === 'exited',
    ContainerID: container,
    DetachKeys: '',
    Pid: state === 'created' ? 0 : 4242,
  }
}
