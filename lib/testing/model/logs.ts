import { isTrue, type Call } from './call.ts'
import { isUp, type Container, type LogLine } from './container.ts'
import { checkTimes } from './numbers.ts'
import { frame } from './output.ts'
import { refuse } from './refusal.ts'
import { nextChange, settle } from './settle.ts'
import { goTime, type World } from './world.ts'

export interface LogOptions {
  /** Whether there may be more to come; default while the container is up. */
  readonly lasts?: (() => boolean) | undefined
  /** Number of the first line that is followed; default what comes from now on. */
  readonly from?: number | undefined
}

/** `GET /containers/{id}/logs`; followed until the container ends, or as long as the caller says. */
export async function* logs(
  world: World,
  container: Container,
  call: Call,
  { lasts = () => isUp(container), from }: LogOptions = {},
): AsyncGenerator<Uint8Array> {
  const { query, signal } = call
  const tty = container.config['Tty'] === true
  const wanted = (line: LogLine): boolean =>
    isTrue(query.get(line.stream)) &&
    line.at >= moment(query.get('since'), 0) &&
    line.at <= moment(query.get('until'), Infinity)
  const print = (line: LogLine): Uint8Array =>
    frame(
      line.stream,
      `${isTrue(query.get('timestamps')) ? `${goTime(line.at)} ` : ''}${line.text}${line.open === true ? '' : '\n'}`,
      tty,
    )
  const tail = query.get('tail') ?? 'all'
  const written = container.logs.filter(wanted)
  const shown = /^\d+$/.test(tail) ? written.slice(Math.max(0, written.length - Number(tail))) : written
  for (const line of shown) yield print(line)
  let seen = from ?? container.logs.length
  while (isTrue(query.get('follow'))) {
    for (const line of container.logs.slice(seen)) {
      seen++
      if (wanted(line)) yield print(line)
    }
    if (seen < container.logs.length) continue
    if (!lasts() || !world.state.containers.has(container.id)) return
    await nextChange(world, signal)
    settle(world)
  }
}

/** Refuses a call for logs that names no stream, or a time that is none. */
export function checkLogs(world: World, call: Call): void {
  if (!isTrue(call.query.get('stdout')) && !isTrue(call.query.get('stderr')))
    refuse(world.profile.words.noLogs(`/v${call.version}${call.path}`))
  checkTimes(world, call, 'logs')
}

/** Seconds since the epoch with a fraction, or RFC 3339, as milliseconds. */
export function moment(text: string | null, otherwise: number): number {
  if (text === null || text === '' || text === '0') return otherwise
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text)
}
