import { printable } from '../../base/errors.ts'
import type { Log } from '../../base/ports.ts'
import type { WatchOptions, WatchPorts } from '../../refresh/watch/options.ts'
import { hasFailures } from '../../refresh/report.ts'
import type { Tick } from '../../refresh/watch/tick.ts'
import { watch, watchOnce } from '../../refresh/watch/watch.ts'
import { readWindows } from '../../refresh/watch/windows.ts'
import { EXIT } from '../exit.ts'
import { refreshOptions, type RefreshFlags } from '../refresh-options.ts'
import { openRegistries, type RegistryFlags } from '../registry.ts'
import { openLine, type EngineFlags, type Session } from '../session.ts'
import type { WatchFlags } from '../watch-flags.ts'
import type { OutputFlags } from './refresh.ts'

/** Events of the engine that wake a watch. */
export const APPEARING: { type: string[]; event: string[] } = { type: ['container'], event: ['create', 'start'] }

/** `dockline watch`: refreshes whenever a registry has something new, until a signal ends it. */
export async function watchCommand(
  session: Session,
  flags: RefreshFlags & EngineFlags & OutputFlags & RegistryFlags & WatchFlags,
): Promise<number> {
  const asked = await watchOptions(session, flags)
  await using line = await openLine(session, flags)
  await using registry = await openRegistries(line.credentials, flags)
  const options: WatchOptions = { ...asked, hooks: flags.hooks === true ? line.docker.exec : undefined }
  const ports: WatchPorts = {
    ...line.ports,
    registry,
    log: logOf(session, flags.quiet === true),
    events: (signal) => line.docker.system.watch({ filters: APPEARING }, { signal }),
  }
  const print = (tick: Tick): void => {
    if (flags.json === true) session.stdout.write(`${JSON.stringify(tick)}\n`)
  }
  if (flags.once === true) {
    const tick = await watchOnce(ports, options)
    print(tick)
    return codeOf(tick)
  }
  await watch(ports, { ...options, onTick: ({ tick }) => tick !== undefined && print(tick) })
  return EXIT.ok
}

/** Flags → options of a watch. */
export async function watchOptions(session: Session, flags: RefreshFlags & WatchFlags): Promise<WatchOptions> {
  const { window = [], interval, minAge, maxFailures } = flags
  return {
    ...refreshOptions(flags, session.env),
    ...(interval === undefined ? {} : { interval: interval * 1000 }),
    ...(minAge === undefined ? {} : { minAge: minAge * 1000 }),
    ...(window.length === 0 ? {} : { windows: await readWindows(window) }),
    maxFailures,
    signal: session.signal,
  }
}

function codeOf({ images, report, recovered = [], blind }: Tick): number {
  if (report?.interrupted === true) return EXIT.interrupted
  const unknown = blind || images.some(({ verdict }) => verdict === 'unknown')
  const isLeft = recovered.some(({ outcome }) => outcome === 'failed')
  return unknown || isLeft || (report !== undefined && hasFailures(report)) ? EXIT.failed : EXIT.ok
}

function logOf({ stderr }: Session, quiet: boolean): Log {
  const write = (message: string): void => void stderr.write(`${printable(message)}\n`)
  return { info: quiet ? () => {} : write, warn: write }
}
