import type { Relief } from '../refresh/helper.ts'
import type { RefreshFlags } from './refresh-options.ts'
import type { EngineFlags } from './session.ts'

type Program = Pick<NodeJS.Process, 'execPath' | 'execArgv' | 'argv'>

/** The command line of a helper: this very program, told what it was told on how to move containers. */
export function helperCommand(
  { execPath, execArgv, argv }: Program,
  flags: RefreshFlags & EngineFlags,
  { names, images }: Relief,
): readonly string[] {
  return [
    execPath,
    ...execArgv,
    ...argv.slice(1, 2),
    'refresh',
    '--helper',
    ...names.flatMap((name) => given('name', name)),
    ...images.flatMap((image) => given('image', image)),
    ...given('strategy', flags.strategy),
    ...given('order', flags.order),
    ...given('platform', flags.platform),
    ...given('health-timeout', flags.healthTimeout),
    ...given('stable-for', flags.stableFor),
    ...given('pull-timeout', flags.pullTimeout),
    ...given('host', flags.host),
    ...given('context', flags.context),
    ...said('allow-no-rollback', flags.allowNoRollback),
    ...said('keep-changes', flags.keepChanges),
    ...said('keep-mac', flags.keepMac),
    ...said('keep-ip', flags.keepIp),
    ...said('hooks', flags.hooks),
    ...said('retry', flags.retry),
    ...said('no-pull', flags.pull === false),
  ]
}

function given(flag: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${flag}=${value}`]
}

function said(flag: string, value: boolean | undefined): string[] {
  return value === true ? [`--${flag}`] : []
}
