import { printable } from '../../base/errors.ts'
import { cutOffAdvice, findCutOff } from '../../refresh/cut-off.ts'
import { recover } from '../../refresh/recover.ts'
import { isSelective, type Selection } from '../../refresh/selection.ts'
import { EXIT } from '../exit.ts'
import { openLine, type EngineFlags, type Session } from '../session.ts'
import { columns, plain } from '../text.ts'
import type { OutputFlags } from './refresh.ts'

/** Flags that say which containers. */
interface ContainerFlags {
  readonly name?: readonly string[] | undefined
  readonly namePrefix?: string | undefined
  readonly label?: readonly string[] | undefined
  readonly all?: boolean | undefined
}

/** `dockline recover`: ends what an earlier run left, by what the engine shows. */
export async function recoverCommand(
  session: Session,
  flags: EngineFlags & OutputFlags & ContainerFlags,
): Promise<number> {
  const given: Selection = { names: flags.name, namePrefix: flags.namePrefix, labels: flags.label, all: flags.all }
  const selection = isSelective(given) ? given : undefined
  await using line = await openLine(session, flags)
  const onWait = (name: string, what: string): void => {
    if (flags.quiet !== true) session.stderr.write(`${plain(name)}: wait for ${what}\n`)
  }
  const operations = await recover({ ...line.ports, selection, onWait, force: true })
  const cutOff = await findCutOff(line.docker)
  if (flags.json === true) {
    session.stdout.write(`${JSON.stringify({ operations, ...(cutOff.length === 0 ? {} : { cutOff }) })}\n`)
  } else {
    const rows = operations.map(({ name, outcome, reason = '' }) => [name, outcome, printable(reason)])
    session.stdout.write(rows.length === 0 ? 'nothing to recover\n' : `${columns(rows).join('\n')}\n`)
    for (const one of cutOff) session.stderr.write(`warning: ${printable(cutOffAdvice(one))}\n`)
  }
  return operations.some(({ outcome }) => outcome === 'failed' || outcome === 'busy') ? EXIT.failed : EXIT.ok
}
