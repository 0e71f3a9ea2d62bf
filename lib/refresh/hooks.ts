import { RefreshError, messageOf } from '../base/errors.ts'
import type { Docker } from '../engine/connect.ts'
import type { Seen } from './container.ts'

/** Runs commands in containers. */
export type HookRunner = Pick<Docker['exec'], 'run'>

/** When a hook runs: in the old container before it is stopped, in the new one after it was started. */
export type HookMoment = 'pre-stop' | 'post-start'

/** What a hook did. */
export interface HookRun {
  readonly moment: HookMoment
  readonly exitCode: number
  /** Its output, at most 2,000 characters. */
  readonly output: string
}

const TIMEOUT = 60_000
const MAX_OUTPUT = 2000

/**
 * Runs the command of the label `dockline.hook.pre-stop` or `dockline.hook.post-start` by `/bin/sh -c` in the container;
 * `dockline.hook.timeout` gives its seconds (60). `undefined` when there is no such label.
 *
 * @throws RefreshError `HOOK_FAILED` when it does not end with 0 in time
 */
export async function runHook(
  runner: HookRunner,
  { id, view }: Seen,
  moment: HookMoment,
): Promise<HookRun | undefined> {
  const command = label(view.Config.Labels, `dockline.hook.${moment}`)
  if (command === undefined) return undefined
  const timeout = hookTimeout(view.Config.Labels)
  const fail = (why: string, cause?: unknown): RefreshError =>
    new RefreshError('HOOK_FAILED', `the ${moment} hook ${why}`, { cause })
  let result: { exitCode: number; stdout: string; stderr: string }
  try {
    result = await runner.run(id, { Cmd: ['/bin/sh', '-c', command] }, {}, { timeout })
  } catch (error) {
    throw fail(`did not come to its end: ${messageOf(error, 300)}`, error)
  }
  const output = `${result.stdout}${result.stderr}`.trim().slice(0, MAX_OUTPUT)
  if (result.exitCode !== 0) throw fail(`ended with exit code ${result.exitCode}${output === '' ? '' : `: ${output}`}`)
  return { moment, exitCode: 0, output }
}

/** Milliseconds that a hook of a container with these labels may take. */
export function hookTimeout(labels: Readonly<Record<string, string>>): number {
  const seconds = Number(label(labels, 'dockline.hook.timeout'))
  return seconds > 0 ? seconds * 1000 : TIMEOUT
}

function label(labels: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}
