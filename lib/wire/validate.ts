import { channel } from 'node:diagnostics_channel'

import type { $ZodType } from 'zod/v4/core'

import { ProtocolError } from '../base/errors.ts'
import type { JsonValue } from '../base/json.ts'
import { MISFIT, mendingCheck, quickCheck, type QuickCheck } from './quick-check.ts'

/**
 * What to do with an answer that does not have the shape relied on: `off` does not look, `warn` passes on the members that
 * differ as they came, normalises the others, and publishes on the channel `dockline:validate`; `strict` throws.
 */
export type Validation = 'off' | 'warn' | 'strict'

/** What a zod schema looks like from here. */
export interface Shape<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly ShapeIssue[] } }
}

export interface ShapeIssue {
  readonly message: string
  readonly path: readonly PropertyKey[]
}

/** Published on `dockline:validate`: where an answer differed from its schema. Holds no values. */
export interface ValidationMessage {
  readonly method: string
  readonly path: string
  readonly issues: readonly string[]
}

const mismatches = channel('dockline:validate')

const quickChecks = new WeakMap<object, QuickCheck>()

function quickCheckOf(shape: object): QuickCheck | undefined {
  const known = quickChecks.get(shape)
  if (known !== undefined || !('_zod' in shape)) return known
  const made = quickCheck(shape as $ZodType) ?? (() => MISFIT)
  quickChecks.set(shape, made)
  return made
}

/** Checks an answer, in place where it is as it should be. @throws ProtocolError `PROTOCOL_VIOLATION` in strict mode, naming the members that differ */
export function checkShape<T>(
  shape: Shape<T>,
  value: JsonValue,
  mode: Validation,
  where: { method: string; path: string },
): T {
  return checkerOf(shape, mode, where)(value)
}

/** The same for the values of a stream, which all have one shape. */
export function checkerOf<T>(
  shape: Shape<T>,
  mode: Validation,
  where: { method: string; path: string },
): (value: JsonValue) => T {
  if (mode === 'off') return (value) => value as T
  const quick = quickCheckOf(shape)
  if (quick === undefined) return (value) => parseShape(shape, value, mode, where)
  return (value) => {
    const checked = quick(value)
    return checked === MISFIT ? parseShape(shape, value, mode, where) : (checked as T)
  }
}

function parseShape<T>(
  shape: Shape<T>,
  value: JsonValue,
  mode: Validation,
  where: { method: string; path: string },
): T {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.map(String).join('.') || '(whole)'}: ${issue.message}`)
  if (mode === 'strict') {
    throw new ProtocolError(
      'PROTOCOL_VIOLATION',
      `the engine's answer to ${where.method} ${where.path} has another shape: ${issues.join('; ')}`,
      where,
    )
  }
  if (mismatches.hasSubscribers) mismatches.publish({ ...where, issues } satisfies ValidationMessage)
  return mended(shape, value)
}

function mended<T>(shape: Shape<T>, value: JsonValue): T {
  if (!('_zod' in shape)) return value as T
  const checked = mendingCheck(shape as unknown as $ZodType)(value)
  return (checked === MISFIT ? value : checked) as T
}
