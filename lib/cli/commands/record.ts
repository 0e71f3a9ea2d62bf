import { resolve } from 'node:path'

import { InputError } from '../../base/errors.ts'
import { systemFiles } from '../../base/system.ts'
import { recordCommand as runRecorded, serveReplay } from '../../testing/index.ts'
import { endpointUrl } from '../../wire/endpoint.ts'
import { resolveEndpoint } from '../../wire/resolve.ts'
import { EXIT } from '../exit.ts'
import type { EngineFlags, Session } from '../session.ts'

export interface RecordFlags extends EngineFlags {
  readonly out: string
  readonly name: string
}

/** `dockline record --out DIR -- CMD…`: runs a program and writes what it asks of the engine, secrets masked. */
export async function recordCommand(session: Session, flags: RecordFlags, command: readonly string[]): Promise<number> {
  const [program, ...args] = command
  if (program === undefined)
    throw new InputError('INPUT_INVALID', 'name the program to record: dockline record --out DIR -- CMD…')
  const { host, context } = flags
  const endpoint = await resolveEndpoint({ host, context, env: session.env, files: systemFiles })
  const { exitCode, file } = await runRecorded({
    target: endpointUrl(endpoint),
    dir: resolve(flags.out),
    name: flags.name,
    command: [program, ...args],
    signal: session.signal,
  })
  session.stderr.write(`recorded in ${file}\n`)
  return exitCode
}

export interface ReplayFlags {
  readonly listen?: string | undefined
}

/** `dockline replay DIR --listen unix:/path`: serves a recording until it is interrupted. */
export async function replayCommand(session: Session, source: string, { listen }: ReplayFlags): Promise<number> {
  if (listen !== undefined && !/^unix:\/{1,3}[^/]/.test(listen))
    throw new InputError('INPUT_INVALID', `--listen is ${JSON.stringify(listen)}: write unix:/path`)
  const served = await serveReplay(resolve(source), {
    signal: session.signal,
    listen: listen?.replace(/^unix:\/*/, '/'),
    onListening: (host) => session.stderr.write(`serving ${source} at DOCKER_HOST=${host}; Ctrl-C ends it\n`),
  })
  for (const problem of served.problems) session.stderr.write(`${problem}\n`)
  return served.problems.length === 0 ? EXIT.ok : EXIT.failed
}
