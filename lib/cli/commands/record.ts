import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'

import { InputError } from '../../base/errors.ts'
import { systemFiles } from '../../base/system.ts'
import { recordCommand as runRecorded, serveReplay, type Replacement } from '../../testing/index.ts'
import { endpointUrl } from '../../wire/endpoint.ts'
import { resolveEndpoint } from '../../wire/resolve.ts'
import { EXIT } from '../exit.ts'
import type { EngineFlags, Session } from '../session.ts'

export interface RecordFlags extends EngineFlags {
  readonly out: string
  /** Default `session`. */
  readonly name?: string | undefined
  readonly force?: boolean | undefined
  readonly replace?: readonly string[] | undefined
  readonly secret?: readonly string[] | undefined
}

const DEFAULT_NAME = 'session'
const SHOWN_SUSPECTS = 10

/** `dockline record --out DIR -- CMD…`: runs a program and writes what it asks of the engine, secrets masked. */
export async function recordCommand(session: Session, flags: RecordFlags, command: readonly string[]): Promise<number> {
  const [program, ...args] = command
  if (program === undefined)
    throw new InputError('INPUT_INVALID', 'name the program to record: dockline record --out DIR -- CMD…')
  const replace = (flags.replace ?? []).map((text) => parseReplacement(text))
  if (flags.force !== true) await refuseExisting(resolve(flags.out), flags.name)
  const { host, context } = flags
  const endpoint = await resolveEndpoint({ host, context, env: session.env, files: systemFiles })
  const { exitCode, file, masked, suspects } = await runRecorded({
    target: endpointUrl(endpoint),
    dir: resolve(flags.out),
    name: flags.name ?? DEFAULT_NAME,
    replace,
    mask: (flags.secret ?? []).map((text) => parseMask(text)),
    command: [program, ...args],
    signal: session.signal,
  })
  session.stderr.write(`recorded in ${file}\n`)
  const counts = Object.entries(masked).map(([kind, count]) => `${count} ${kind}`)
  session.stderr.write(`secrets masked: ${counts.length === 0 ? 'none' : counts.join(', ')}\n`)
  for (const { where, start, length } of suspects.slice(0, SHOWN_SUSPECTS))
    session.stderr.write(
      `warning: ${start}… (${length} characters) in ${where} looks random: mask it with --secret if it is one\n`,
    )
  if (suspects.length > SHOWN_SUSPECTS) session.stderr.write(`warning: and ${suspects.length - SHOWN_SUSPECTS} more\n`)
  return exitCode
}

// A replay of a directory serves all that is in it: a second recording comes beside the first one by its name only.
async function refuseExisting(dir: string, name: string | undefined): Promise<void> {
  const files = (await readdir(dir).catch(() => [])).filter((file) => file.endsWith('.json'))
  const found = name === undefined ? files[0] : files.find((file) => file === `${name}.json`)
  if (found !== undefined) {
    const choices = 'choose another directory, name this recording with --name, or write over it with --force'
    throw new InputError('INPUT_INVALID', `${dir} holds the recording ${found} already: ${choices}`)
  }
}

/** `FROM=TO`, or `/PATTERN/FLAGS=TO`. */
function parseReplacement(text: string): Replacement {
  const [, pattern, flags, to] = /^\/(.+)\/([a-z]*)=([^=]*)$/.exec(text) ?? []
  if (pattern !== undefined) return [parsePattern(pattern, flags), to as string]
  const mark = text.indexOf('=')
  if (mark > 0) return [text.slice(0, mark), text.slice(mark + 1)]
  throw new InputError('INPUT_INVALID', `--replace is ${JSON.stringify(text)}: write FROM=TO or /REGEXP/=TO`)
}

/** `NAME`, or `/PATTERN/FLAGS`. */
function parseMask(text: string): string | RegExp {
  const [, pattern, flags] = /^\/(.+)\/([a-z]*)$/.exec(text) ?? []
  if (pattern !== undefined) return parsePattern(pattern, flags)
  if (/^[\w.-]+$/.test(text)) return text
  throw new InputError('INPUT_INVALID', `--secret is ${JSON.stringify(text)}: write NAME or /REGEXP/`)
}

function parsePattern(pattern: string, flags = ''): RegExp {
  try {
    return new RegExp(pattern, flags)
  } catch (error) {
    throw new InputError('INPUT_INVALID', `/${pattern}/${flags}: ${(error as Error).message}`)
  }
}

export interface ReplayFlags {
  readonly listen?: string | undefined
}

/**
 * `dockline replay DIR --listen unix:/path`: serves a recording until it is interrupted. Fails with the list of what was
 * asked but not recorded, and of what was recorded but never asked.
 */
export async function replayCommand(session: Session, source: string, { listen }: ReplayFlags): Promise<number> {
  if (listen !== undefined && !/^unix:\/{1,3}[^/]/.test(listen))
    throw new InputError('INPUT_INVALID', `--listen is ${JSON.stringify(listen)}: write unix:/path`)
  const served = await serveReplay(resolve(source), {
    signal: session.signal,
    listen: listen?.replace(/^unix:\/*/, '/'),
    onListening: (host) => session.stderr.write(`serving ${source} at DOCKER_HOST=${host}; Ctrl-C ends it\n`),
  })
  try {
    served.verify()
    return EXIT.ok
  } catch (error) {
    session.stderr.write(`${(error as Error).message}\n`)
    return EXIT.failed
  }
}
