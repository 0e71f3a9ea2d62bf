import { printable } from '../base/errors.ts'
import { shortDigest } from '../base/reference.ts'
import type { ContainerReport, ImageReport, RefreshReport } from '../refresh/report.ts'
import type { Selection } from '../refresh/selection.ts'
import { bytes, columns, duration, plain } from './text.ts'

/** The report of a refresh for people. */
export function summary(report: RefreshReport, selection?: Selection): string {
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
    ...(containers.length === 0 ? [noneWords(report, selection)] : []),
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

function noneWords({ matched }: RefreshReport, selection: Selection | undefined): string {
  if (matched > 0) return '  none of the selected containers uses these images'
  return `  no container matches the selection${selection === undefined ? '' : `: ${selectionWords(selection)}`} (matched: 0)`
}

function selectionWords({ names = [], namePrefix, labels = [], all }: Selection): string {
  const words = [
    ...names.map((name) => `--name ${name}`),
    ...(namePrefix === undefined ? [] : [`--name-prefix ${namePrefix}`]),
    ...labels.map((label) => `--label ${label}`),
    ...(all === true ? ['--all'] : []),
  ]
  return plain(words.join(' '))
}

const COUNTED = ['replaced', 'removed', 'current', 'rolled-back', 'skipped', 'failed'] as const

function closing(report: RefreshReport): string {
  const { pulled, failed, recreated, containers, dryRun, durationMs, interrupted } = report
  const count = (wanted: ContainerReport['outcome']): number =>
    containers.filter(({ outcome }) => outcome === wanted).length
  if (dryRun) {
    const due = count('replaced') + count('removed')
    const unknown = count('unknown')
    const untold = unknown === 0 ? '' : `, of ${unknown} it cannot be told`
    return `plan: ${due} of ${containers.length} containers would be moved${untold}; nothing was changed`
  }
  const counts = COUNTED.filter((outcome) => outcome !== 'removed' || count(outcome) > 0)
  const told = counts.map((outcome) => `${count(outcome)} ${outcome.replace('-', ' ')}`).join(', ')
  return `${interrupted ? 'interrupted: ' : ''}pulled=${pulled.length} failed=${failed.length} recreated=${recreated.length} in ${duration(durationMs)}: ${told}`
}
