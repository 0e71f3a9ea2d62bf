import { InvalidArgumentError, type Command } from 'commander'

import { collect, seconds } from './flags.ts'

/** Flags of `watch`. */
export interface WatchFlags {
  /** Seconds. */
  readonly interval?: number | undefined
  readonly window?: readonly string[] | undefined
  /** Seconds. */
  readonly minAge?: number | undefined
  readonly maxFailures?: number | undefined
  readonly once?: boolean | undefined
}

/** Adds the flags that say when to look and when to act. */
export function withWatchFlags(command: Command): Command {
  return command
    .option('--interval <seconds>', 'from one look to the next, ± 10 % (default: 300, at least 30)', interval)
    .option(
      '--window <cron/duration>',
      'when containers may be moved, for instance "0 2 * * 6,0/4h"; repeatable (default: always)',
      collect,
    )
    .option('--min-age <seconds>', 'how long an image must have been out', seconds)
    .option('--max-failures <n>', 'failing ticks in a row until the watch gives up (default: 10)', atLeastOne)
}

function interval(text: string): number {
  const value = seconds(text)
  if (value < 30) throw new InvalidArgumentError('registries are asked every 30 seconds at most.')
  return value
}

function atLeastOne(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('write a whole number of at least 1.')
  return Number(text)
}
