import { access } from 'node:fs/promises'
import { join } from 'node:path'

import { InputError } from '../base/errors.ts'
import type { Env } from '../base/ports.ts'
import { parseHost } from '../wire/host.ts'
import { toEngine } from './engine-line.ts'
import { saveExchanges } from './exchange-file.ts'
import { findSuspects, type Suspect } from './entropy.ts'
import { observe, type Observation } from './observe.ts'
import { createScrubber, type MaskedCounts, type ScrubOptions } from './scrub.ts'
import { findSecrets, patternsWith, secretsOf, type KnownSecret } from './secrets.ts'
import { serve } from './serve.ts'

export interface RecordOptions extends ScrubOptions {
  /** The real engine: `unix:///path` or `tcp://host:port`. */
  readonly target: string
  /** Directory of the exchange file; made when there is none. */
  readonly dir: string
  /** Name of the case, and of its file without `.json`. Default `session`. */
  readonly name?: string | undefined
  /** Path of the recording socket; default one in a new temporary directory. */
  readonly listen?: string | undefined
  /** Whose values with names like secrets are never recorded; default `process.env`. */
  readonly env?: Env | undefined
  /** The longest answer that is kept, in bytes; default 8 MiB. A longer one passes, but `close()` fails. */
  readonly maxBytes?: number | undefined
  /** `false` refuses to write over a recording of this name; default `true`. */
  readonly overwrite?: boolean | undefined
}

export interface Recorder extends AsyncDisposable {
  readonly socketPath: string
  /** `unix://…`: what `DOCKER_HOST` must be for the program that is recorded. */
  readonly host: string
  /** The file that `close()` writes, unless nothing was asked. */
  readonly file: string
  /** How many secrets were masked, by how they were told; empty before `close()`. */
  readonly masked: MaskedCounts
  /** What is left that looks as random as a secret, to be looked at; empty before `close()`. */
  readonly suspects: readonly Suspect[]
  /** Cuts what is under way and writes the exchange file. @throws InputError `INPUT_INVALID` for an answer that is too long */
  close(): Promise<void>
}

/**
 * A socket between any program and a real engine that records what goes by: every request and answer in the order asked,
 * the chunks of the answers, hijacked connections both ways, and answers that the engine or the program broke off.
 * Nothing is recorded of headers outside of an allow-list, and secrets are masked: the given ones, those of the
 * environment, and whatever the traffic itself gives away by a name (`DB_PWD=…`, `"auth": "…"`, `--password …`, `token: …`,
 * `X-Registry-Auth`), its place (`-p…` of a command, the user part of a URL) or its form, wherever else it stands. `masked`
 * counts them; `suspects` is what is left and looks random.
 *
 * @throws InputError `INPUT_INVALID` for a target that cannot be read, or a recording that must not be overwritten
 */
export async function record(options: RecordOptions): Promise<Recorder> {
  const target = parseHost(options.target, 'the target of the recorder')
  const name = options.name ?? 'session'
  const file = join(options.dir, `${name}.json`)
  if (options.overwrite === false && (await exists(file)))
    throw new InputError(
      'INPUT_INVALID',
      `${file} is a recording already: choose another name or directory, or overwrite it`,
    )
  const env = options.env ?? process.env
  const named = (options.mask ?? []).flatMap((item) => (typeof item === 'string' ? (env[item] ?? []) : []))
  const ofEnv = [...secretsOf(env), ...named].map((text): KnownSecret => ({ text, kind: 'environment' }))
  const patterns = patternsWith(options.mask ?? [])
  const maxBytes = options.maxBytes ?? 8 << 20
  const observations: Observation[] = []
  let summary: Pick<Recorder, 'masked' | 'suspects'> = { masked: {}, suspects: [] }
  let closed = false

  const served = await serve(async (request) => {
    const observation = observe(request, maxBytes)
    observations.push(observation)
    return observation.pass(toEngine(target, request))
  }, options.listen)

  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    await served.close()
    const long = observations.find((observation) => observation.bytes() > maxBytes)
    if (long !== undefined)
      throw new InputError(
        'INPUT_INVALID',
        `not recorded: the answer to ${long.request.path} exceeds ${maxBytes} bytes`,
      )
    const found = observations
      .flatMap((observation) => observation.texts())
      .flatMap((text) => findSecrets(text, patterns))
    const known = new Map([...found, ...ofEnv].map((secret) => [secret.text, secret]))
    const scrubber = createScrubber(options, [...known.values()])
    const exchanges = observations.map((observation, i) => observation.exchange(`${name} ${i + 1}`, scrubber))
    summary = { masked: scrubber.masked, suspects: findSuspects(exchanges) }
    if (exchanges.length > 0) await saveExchanges(file, exchanges, { replace: options.replace })
  }
  return {
    socketPath: served.socketPath,
    host: served.host,
    file,
    get masked() {
      return summary.masked
    },
    get suspects() {
      return summary.suspects
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
