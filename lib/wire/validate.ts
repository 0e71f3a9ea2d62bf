import { channel } from 'node:diagnostics_channel'

import { ProtocolError } from '../base/errors.ts'
import type { JsonValue } from '../base/json.ts'

/**
 * What to do with an answer that does not have the shape relied on: `off` does not look, `warn` passes it on as it came
 * and publishes on the channel `dockline:validate`, `strict` throws.
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

/** Checks an answer. @throws ProtocolError `PROTOCOL_VIOLATION` in strict mode, naming the members that differ */
export function checkShape<T>(
  shape: Shape<T>,
  value: JsonValue,
  mode: Validation,
  where: { method: string; path: string },
): T {
  if (mode === 'off') return value as T
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
  return value as T
}
