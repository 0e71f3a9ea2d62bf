import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex } from 'node:stream'

import { ConnectionError, printable, type ErrorCode } from '../base/errors.ts'
import type { Env } from '../base/ports.ts'
import { endpointUrl, type SshEndpoint } from './endpoint.ts'

const MAX_STDERR = 4096

/** The command that connects to the engine, as the docker CLI has it (docker/cli cli/connhelper). It never asks for a password. */
export function sshCommand({ host, user, port, socketPath }: SshEndpoint, timeout: number): string[] {
  const args = ['-o', 'BatchMode=yes', '-T']
  if (timeout > 0) args.push('-o', `ConnectTimeout=${Math.ceil(timeout / 1000)}`)
  if (user !== undefined) args.push('-l', user)
  if (port !== undefined) args.push('-p', String(port))
  const socket = socketPath === undefined ? [] : [`--host=unix://${socketPath}`]
  return [...args, '--', host, 'docker', ...socket, 'system', 'dial-stdio']
}

/** A connection to an engine over ssh: the standard streams of a child process. `spawn` is emitted when it runs. */
export class SshConnection extends Duplex {
  readonly #endpoint: SshEndpoint
  readonly #child: ChildProcessWithoutNullStreams
  #stderr = ''
  #exit: { readonly code: number | null } | undefined
  #ended = false

  constructor(endpoint: SshEndpoint, timeout: number, env: Env) {
    super({ allowHalfOpen: true })
    this.#endpoint = endpoint
    const child = spawn('ssh', sshCommand(endpoint, timeout), { stdio: 'pipe', env, windowsHide: true })
    this.#child = child
    child.once('spawn', () => this.emit('spawn'))
    child.once('error', (cause) => this.destroy(this.#failure(cause)))
    child.once('exit', (code) => {
      this.#exit = { code }
      this.#settle()
    })
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause()
    })
    child.stdout.once('end', () => {
      this.#ended = true
      this.#settle()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(0, MAX_STDERR)
    })
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {}) // the exit tells
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, unlessBroken(done))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(unlessBroken(done))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { stdin, stdout, stderr } = this.#child
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
    if (this.#exit === undefined) this.#child.kill()
    done(error)
  }

  /** An idle connection does not keep the process running. */
  unref(): this {
    this.#each('unref')
    return this
  }

  ref(): this {
    this.#each('ref')
    return this
  }

  // The end waits for the exit, because only that and stderr tell a good end from a connection that never came about.
  // Not for the child's 'close': a shared ssh connection (ControlPersist) may keep stderr open for hours.
  #settle(): void {
    if (this.#exit === undefined || !this.#ended) return
    if (this.#exit.code === 0) this.push(null)
    else setImmediate(() => this.destroy(this.#failure()))
  }

  #failure(cause?: NodeJS.ErrnoException): ConnectionError {
    const said =
      cause?.code === 'ENOENT' ? 'there is no ssh on the PATH' : printable(cause?.message ?? this.#stderr, 500)
    const how = this.#exit === undefined ? '' : `ssh ended with ${this.#exit.code ?? 'a signal'}`
    const { code, cure } = cause === undefined ? meaning(this.#exit?.code, this.#stderr) : NO_SSH
    const words = [how, said].filter((text) => text !== '').join(': ')
    return new ConnectionError(code, `no connection to ${endpointUrl(this.#endpoint)}: ${words}. ${cure}`, { cause })
  }

  #each(verb: 'ref' | 'unref'): void {
    const { stdin, stdout, stderr } = this.#child
    this.#child[verb]()
    for (const stream of [stdin, stdout, stderr]) (stream as unknown as Record<typeof verb, () => void>)[verb]()
  }
}

// A broken pipe says nothing: the child has ended, and its exit, which comes next, says why.
function unlessBroken(done: () => void): (error?: Error | null) => void {
  return (error) => {
    if (error === undefined || error === null) done()
  }
}

interface Meaning {
  readonly code: ErrorCode
  readonly cure: string
}

const NO_SSH: Meaning = { code: 'ENGINE_UNREACHABLE', cure: 'Install an ssh client.' }
const NO_DOCKER: Meaning = {
  code: 'ENGINE_UNREACHABLE',
  cure: 'Install the docker CLI on that machine: it makes the last step.',
}
const LOST: Meaning = { code: 'CONNECTION_LOST', cure: 'Whether the request took effect is not known.' }

// Words by which ssh, or docker over there, says that nothing was ever connected.
const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /permission denied while trying to connect|dial unix .*permission denied/i,
    { code: 'ENGINE_PERMISSION', cure: 'That user may not use the engine over there: let it join the group "docker".' },
  ],
  [
    /Permission denied \(|Too many authentication failures/,
    {
      code: 'ENGINE_PERMISSION',
      cure: 'Load a key that is accepted there into ssh-agent: passwords are never asked for.',
    },
  ],
  [
    /Host key verification failed/,
    { code: 'ENGINE_UNREACHABLE', cure: 'Connect once with ssh by hand, to see and accept the key of that machine.' },
  ],
  [
    /^ssh: |kex_exchange_identification|banner exchange/m,
    { code: 'ENGINE_UNREACHABLE', cure: 'Try the same with ssh by hand.' },
  ],
  [
    /failed to open the raw stream|Cannot connect to the Docker daemon/i,
    { code: 'ENGINE_UNREACHABLE', cure: 'Start the engine on that machine.' },
  ],
]

function meaning(exit: number | null | undefined, stderr: string): Meaning {
  if (exit === 127) return NO_DOCKER
  return MEANINGS.find(([pattern]) => pattern.test(stderr))?.[1] ?? LOST
}
