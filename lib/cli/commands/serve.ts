import { hasCode, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/ports.ts'
import { systemFiles } from '../../base/system.ts'
import { recover } from '../../refresh/recover.ts'
import type { WatchOptions } from '../../refresh/watch/options.ts'
import type { RegistryClient } from '../../registry/client.ts'
import { readServeConfig, type ServeConfig, type ServeFlags } from '../../server/config.ts'
import { listen } from '../../server/listen.ts'
import type { RefreshSetup } from '../../server/jobs.ts'
import { createService } from '../../server/service.ts'
import { auditFile } from '../audit-file.ts'
import { EXIT } from '../exit.ts'
import { createLog } from '../log.ts'
import { refreshOptions, type RefreshFlags } from '../refresh-options.ts'
import { openRegistries, type RegistryFlags } from '../registry.ts'
import { layLine, type EngineFlags, type Line, type Session } from '../session.ts'
import type { WatchFlags } from '../watch-flags.ts'
import { autoRefresh } from '../auto-refresh.ts'
import { watchOptions } from './watch.ts'

export type ServeCommandFlags = RefreshFlags & EngineFlags & RegistryFlags & ServeFlags & WatchFlags

/** `dockline serve`: the admin service, until a signal ends it. */
export async function serveCommand(session: Session, flags: ServeCommandFlags, version: string): Promise<number> {
  const problems: string[] = []
  const setup = readSetup(session, flags, problems)
  const config = await readServeConfig(flags, session.env, systemFiles, problems)
  const log = createLog(session.stderr)
  await using line = await layLine(session, flags, log)
  await using registry = await openRegistries(line.credentials, flags)
  if (config.recover) await recoverAtStart(line, log)
  const watching = config.autoRefresh ? await watchOptions(session, flags) : undefined
  const hooks = flags.hooks === true ? line.docker.exec : undefined
  return await serve(session, { line, registry, config, setup: { ...setup, hooks }, log, version, watching })
}

interface Serving {
  readonly line: Line
  readonly registry: RegistryClient
  readonly config: ServeConfig
  readonly setup: RefreshSetup
  readonly log: Log
  readonly version: string
  /** Absent without IMAGE_AUTO_REFRESH. */
  readonly watching: WatchOptions | undefined
}

async function serve({ signal }: Session, serving: Serving): Promise<number> {
  const { line, registry, config, setup, log, version, watching } = serving
  const service = createService({
    ports: { ...line.ports, remote: registry },
    setup,
    tokens: config.tokens,
    hosts: config.hosts,
    hooks: config.hooks,
    notify: config.notify,
    audit: config.auditFile === undefined ? undefined : auditFile(config.auditFile),
    version,
    ping: () => line.docker.ping(),
    log,
  })
  const listener = await listen(service, config.listen)
  log.info('listening', { address: listener.address, tokens: config.tokens.map(({ name }) => name) })
  service.recover()
  const watched = watching === undefined ? undefined : autoRefresh({ line, registry, service, log }, watching)
  await fired(signal)
  log.info('stopping', { withinMs: config.shutdownTimeout })
  const inTime = await service.stop(config.shutdownTimeout)
  if (!inTime) log.warn('a refresh did not come to a safe point in time: "dockline recover" ends what it left')
  await Promise.all([listener.close(), watched])
  log.info('stopped')
  return inTime ? EXIT.ok : EXIT.failed
}

// A mistake of the selection is told together with those of the service.
function readSetup(session: Session, flags: RefreshFlags, problems: string[]): RefreshSetup {
  try {
    return refreshOptions(flags, session.env)
  } catch (error) {
    if (!hasCode(error, 'INPUT_INVALID', 'REF_INVALID')) throw error
    problems.push(messageOf(error))
    return { targets: [], selection: {} }
  }
}

async function recoverAtStart({ ports }: Line, log: Log): Promise<void> {
  try {
    for (const { name, outcome, reason } of await recover(ports)) log.info('recovered', { name, outcome, reason })
  } catch (error) {
    log.warn('cannot recover now, the next refresh will', { error: messageOf(error) })
  }
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
