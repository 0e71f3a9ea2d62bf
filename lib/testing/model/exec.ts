import type { Duplex } from 'node:stream'

import { textAt, type JsonObject } from '../../base/json.ts'
import type { ExecOutcome } from './behaviour.ts'
import { named, type Container, type Exec } from './container.ts'
import { textsAt } from './fields.ts'
import { emitContainer } from './events.ts'
import { frame, write } from './output.ts'
import { behaviourOf } from './process.ts'
import { refuse, refuseIf } from './refusal.ts'
import { newId, type World } from './world.ts'

/** `POST /containers/{id}/exec` */
export function createExec(world: World, container: Container, config: JsonObject): Exec {
  const { words } = world.profile
  const argv = textsAt(config, 'Cmd')
  if (argv.length === 0) refuse(words.noExecCommand())
  if (container.status !== 'running') refuse(words.execStopped(named(container)))
  const exec: Exec = {
    id: newId(world, 'exec'),
    container: container.id,
    argv,
    config,
    state: 'created',
    exitCode: null,
  }
  world.state.execs.set(exec.id, exec)
  emitContainer(world, container, `exec_create: ${argv.join(' ')}`, { execID: exec.id })
  return exec
}

export function needExec(world: World, id: string): Exec {
  return world.state.execs.get(id) ?? refuse(world.profile.words.noExec(id))
}

/** Runs it, once. What it said; a second start is told so inside the stream by dockerd. */
export function runExec(world: World, exec: Exec): ExecOutcome {
  if (exec.state !== 'created') {
    refuseIf(world.profile.words.execAgain(exec))
    return { stderr: `exec command ${exec.id} has already run\n` }
  }
  const container = world.state.containers.get(exec.container)
  if (container === undefined) return refuse(world.profile.words.noExec(exec.id))
  if (container.status !== 'running') refuse(world.profile.words.execStopped(named(container)))
  emitContainer(world, container, `exec_start: ${exec.argv.join(' ')}`, { execID: exec.id })
  const outcome = behaviourOf(world, container).exec?.(exec.argv) ?? echo(exec.argv)
  exec.state = 'exited'
  exec.exitCode = outcome.exitCode ?? 0
  emitContainer(world, container, 'exec_die', { execID: exec.id, exitCode: String(exec.exitCode) })
  return outcome
}

/** Its output on a raw connection, with the input drained. */
export async function speak(socket: Duplex, { stdout = '', stderr = '' }: ExecOutcome, tty: boolean): Promise<void> {
  socket.resume()
  if (stdout !== '') write(socket, frame('stdout', stdout, tty))
  if (stderr !== '') write(socket, frame('stderr', stderr, tty))
  socket.end()
}

export async function* spoken({ stdout = '', stderr = '' }: ExecOutcome, tty: boolean): AsyncGenerator<Uint8Array> {
  if (stdout !== '') yield frame('stdout', stdout, tty)
  if (stderr !== '') yield frame('stderr', stderr, tty)
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

// The programs that every test uses; whatever else is asked of it needs a scripted behaviour.
function echo([program, ...rest]: readonly string[]): ExecOutcome {
  if (program?.split('/').at(-1) === 'echo') return { stdout: `${rest.join(' ')}\n` }
  return program?.split('/').at(-1) === 'false' ? { exitCode: 1 } : {}
}
