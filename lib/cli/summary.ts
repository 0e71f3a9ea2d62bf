import { printable } from '../base/errors.ts'
import { shortDigest } from '../base/reference.ts'
import type { ContainerReport, ImageReport, RefreshReport } from '../refresh/report.ts'
import { bytes, columns, duration, plain } from './text.ts'

/** The report of a refresh for people. */
export function summary(report: RefreshReport): string {
  const { images, containers, recovered, dryRun } = report
  const lines = [
    ...(recovered.length === 0
      ? []
      : [
          'recovered',
          ...columns(recovered.map(({ name, outcome, reason = '' }) => [`  ${name}`, outcome, printable(reason)])),
          '',
        ]),
    'images',
    ...columns(images.map(imageRow)),
    '',
    'containers',
    ...columns(containers.map((container) => containerRow(container, dryRun))),
    ...(containers.length === 0 ? ['  none of the selected containers uses these images'] : []),
    ...containers.flatMap(({ name, warnings }) => warnings.map((warning) => plain(`  ${name}: ${warning}`))),
    ...report.warnings.map((warning) => plain(`  ${warning}`)),
    '',
    closing(report),
  ]
  return `${lines.join('\n')}\n`
}

function imageRow({ target, outcome, before, after, digest, bytes: size, error, warning }: ImageReport): string[] {
  if (error !== undefined) return [`  ${target}`, outcome, `${error.code}: ${printable(error.message)}`]
  if (outcome === 'pinned') return [`  ${target}`, outcome, shortDigest(digest ?? '')]
  const now = after === null ? 'to be pulled' : shortDigest(after)
  const change = before === after ? now : `${before === null ? 'none' : shortDigest(before)} → ${now}`
  if (warning !== undefined) return [`  ${target}`, outcome, `${change}, ${printable(warning)}`]
  return [`  ${target}`, outcome, size === 0 ? change : `${change}, ${bytes(size)}`]
}

function containerRow({ name, outcome, reason, downtimeMs }: ContainerReport, dryRun: boolean): string[] {
  const words = dryRun && (outcome === 'replaced' || outcome === 'removed') ? `would be ${outcome}` : outcome
  return [
    `  ${name}`,
    words,
    [downtimeMs === undefined ? '' : `${duration(downtimeMs)} down`, printable(reason ?? '')]
      .filter((text) => text !== '')
      .join(', '),
  ]
}

function closing({ pulled, failed, recreated, containers, dryRun, durationMs, interrupted }: RefreshReport): string {
  if (dryRun) {
    const due = containers.filter(({ outcome }) => outcome === 'replaced' || outcome === 'removed').length
    return `plan: ${due} of ${containers.length} containers would be moved; nothing was changed`
  }
  return `${interrupted ? 'interrupted: ' : ''}pulled=${pulled.length} failed=${failed.length} recreated=${recreated.length} in ${duration(durationMs)}`
}
