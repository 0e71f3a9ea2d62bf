// Linux, but for the few machines that number otherwise (mips, sparc).
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'

/** The number of a stop signal in any spelling: `SIGINT`, `int`, `2`, `SIGRTMIN+3`; none is SIGTERM. `NaN` for no signal. */
export function signalNumber(signal: string): number {
  if (isNumeric(signal)) return Number(signal)
  const name = signal === '' ? 'TERM' : signal.toUpperCase().replace(/^SIG/, '')
  const realTime = /^RT(?:MIN(?:\+(\d+))?|(MAX)(?:-(\d+))?)$/.exec(name)
  if (realTime !== null)
    return realTime[2] === undefined ? 34 + Number(realTime[1] ?? 0) : 64 - Number(realTime[3] ?? 0)
  const index = NAMES.split(' ').indexOf(name)
  return index < 0 ? Number.NaN : index + 1
}

/** True for a stop signal by its number, as podman shows it in every container; docker shows it as it was set. */
export function isNumeric(signal: string): boolean {
  return /^\d+$/.test(signal)
}
