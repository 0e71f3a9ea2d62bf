import { printable } from '../../base/errors.ts'
import { cutOffAdvice, findCutOff } from '../../refresh/cut-off.ts'
import { recover } from '../../refresh/recover.ts'
import { EXIT } from '../exit.ts'
import { openLine, type EngineFlags, type Session } from '../session.ts'
import { columns } from '../text.ts'
import type { OutputFlags } from './refresh.ts'

/** `dockline recover`: ends what an earlier run left, by what the engine shows. */
export async function recoverCommand(session: Session, flags: EngineFlags & OutputFlags): Promise<number> {
  await using line = await openLine(session, flags)
  const operations = await recover({ ...line.ports, force: true })
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
