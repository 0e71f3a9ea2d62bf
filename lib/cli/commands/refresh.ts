import { endHelper } from '../../refresh/end-helper.ts'
import { hasFailures, type RefreshReport } from '../../refresh/report.ts'
import { refresh } from '../../refresh/refresh.ts'
import { EXIT } from '../exit.ts'
import { createProgress } from '../progress.ts'
import { openRegistries, type RegistryFlags } from '../registry.ts'
import { refreshOptions, type RefreshFlags } from '../refresh-options.ts'
import { openLine, type EngineFlags, type Session } from '../session.ts'
import { summary } from '../summary.ts'

export interface OutputFlags {
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
}

/** `dockline refresh` and, as a dry run, `dockline plan`. */
export async function refreshCommand(
  session: Session,
  flags: RefreshFlags & EngineFlags & OutputFlags & RegistryFlags,
): Promise<number> {
  const options = refreshOptions(flags, session.env)
  await using line = await openLine(session, flags)
  await using remote = await openRegistries(line.credentials, flags)
  const progress = createProgress(session.stderr, flags.quiet === true || flags.dryRun === true)
  let report: RefreshReport
  try {
    report = await refresh(
      { ...line.ports, remote },
      {
        ...options,
        hooks: flags.hooks === true ? line.docker.exec : undefined,
        onEvent: (event) => progress.show(event),
        signal: session.signal,
      },
    )
  } finally {
    progress.end()
  }
  session.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : summary(report, options.selection))
  if (report.interrupted) return EXIT.interrupted
  const { selfId } = line.ports
  if (flags.helper === true && selfId !== undefined && !(await endHelper(line.docker, selfId, !hasFailures(report))))
    return EXIT.failed
  return hasFailures(report) ? EXIT.failed : EXIT.ok
}
