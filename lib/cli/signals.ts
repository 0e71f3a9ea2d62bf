import { EXIT } from './exit.ts'

type Program = Pick<NodeJS.Process, 'on' | 'exit'>

/**
 * Gives a signal that fires when the process is asked to stop. The first SIGINT or SIGTERM ends at a safe point; the
 * second one at once, and `dockline recover` mends what that leaves. SIGHUP, of an ssh session that dropped or a terminal
 * that closed, also ends at a safe point and never at once: the kernel and the shell each send one.
 */
export function stopOnSignals(program: Program, say: (text: string) => void): AbortSignal {
  const stop = new AbortController()
  let asked = 0
  const end = (name: string): void => {
    if (stop.signal.aborted) return
    say('stopping at the next safe point; Ctrl-C or SIGTERM once more stops at once\n')
    stop.abort(new Error(name))
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    program.on(name, () => {
      asked++
      if (asked > 1) program.exit(EXIT.interrupted)
      end(name)
    })
  }
  program.on('SIGHUP', () => end('SIGHUP'))
  return stop.signal
}
