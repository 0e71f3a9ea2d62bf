import { printable } from '../../base/errors.ts'
import { shortDigest } from '../../base/reference.ts'
import { check, type Check, type CheckedContainer } from '../../refresh/check.ts'
import { imageTarget } from '../../refresh/target.ts'
import type { RateLimit } from '../../registry/rate-limit.ts'
import { EXIT } from '../exit.ts'
import { openRegistries, type RegistryFlags } from '../registry.ts'
import { openLine, type EngineFlags, type Session } from '../session.ts'
import { columns } from '../text.ts'

export interface CheckFlags extends EngineFlags, RegistryFlags {
  readonly platform?: string | undefined
  readonly json?: boolean | undefined
}

/** `dockline check REF…`: what registries have, what runs, what a refresh would do. Exit 1 when that cannot be told. */
export async function checkCommand(session: Session, flags: CheckFlags, refs: readonly string[]): Promise<number> {
  const targets = refs.map(imageTarget)
  await using line = await openLine(session, flags)
  await using registry = await openRegistries(line.credentials, flags)
  const { platform } = flags
  const images = await check({ ...line.ports, registry }, targets, {
    platform,
    signal: session.signal,
    onUnreadable: ({ reason }) => session.stderr.write(`dockline: passed over: ${printable(reason)}\n`),
  })
  session.stdout.write(flags.json === true ? `${JSON.stringify({ images })}\n` : images.map(render).join('\n'))
  return images.some(({ would }) => would === 'unknown') ? EXIT.failed : EXIT.ok
}

function render({ ref, registry, error, credential, local, containers, would, reason }: Check): string {
  const rows = [
    ...(registry === null
      ? [['  registry', `${error?.code ?? ''}: ${printable(error?.message ?? '')}`]]
      : [
          ['  registry', registry.digest],
          ['  media type', registry.mediaType],
          ['  platform', registry.platformDigest ?? 'unknown'],
          ['  rate limit', limitWords(registry.rateLimit)],
        ]),
    ['  credential', printable(credential)],
    ['  engine', local === null ? 'not there' : [local.id, ...local.digests].map(shortDigest).join(', ')],
    ...containers.map((container) => [`  ${container.name}`, containerWords(container)]),
    ['  refresh', `${WOULD[would]}: ${printable(reason)}`],
  ]
  return `${ref}\n${columns(rows).join('\n')}\n`
}

const WOULD: Readonly<Record<Check['would'], string>> = {
  nothing: 'would do nothing',
  pull: 'would pull',
  replace: 'would replace',
  unknown: 'cannot be told',
}

function containerWords({ image, state, reason }: CheckedContainer): string {
  return `${state}, runs ${shortDigest(image)}${reason === undefined ? '' : `: ${printable(reason)}`}`
}

function limitWords(rate: RateLimit | null): string {
  if (rate === null) return 'not told'
  const { remaining = '?', limit = '?', window, source } = rate
  const time = window === undefined ? '' : ` in ${window} s`
  return `${remaining} of ${limit} left${time}${source === undefined ? '' : `, counted for ${source}`}`
}
