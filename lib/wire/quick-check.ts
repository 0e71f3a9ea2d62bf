import type * as z from 'zod/v4/core'

/** Fills in what Go left out and gives the value, changed in place; `MISFIT` when it has another shape. */
export type QuickCheck = (value: unknown) => unknown

export const MISFIT: unique symbol = Symbol('misfit')

/**
 * The way through a schema that takes no copy and makes no notes, for answers that are as they should be: ten times as
 * fast as zod, which is asked for its issues when it ends in `MISFIT`. Nothing for a schema with parts that are not known
 * here.
 */
export function quickCheck(schema: z.$ZodType): QuickCheck | undefined {
  const { def } = (schema as z.$ZodTypes)._zod
  if ((def.checks?.length ?? 0) > 0 && def.type !== 'custom') return undefined
  switch (def.type) {
    case 'string':
    case 'boolean':
    case 'bigint':
    case 'undefined':
      return typeIs(def.type)
    case 'number':
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? value : MISFIT)
    case 'optional':
      return unless(undefined, def.innerType)
    case 'nullable':
      return unless(null, def.innerType)
    case 'union':
      return oneOf(def.options)
    case 'array':
      return each(def.element)
    case 'tuple':
      return def.rest === null ? inOrder(def.items) : undefined
    case 'record':
      return values(def.valueType)
    case 'object':
      return members(def)
    case 'custom':
      return (value) => (def.fn(value) === true ? value : MISFIT)
    case 'pipe':
      return inTurn(def.in, def.out)
    default:
      return undefined
  }
}

function typeIs(type: string): QuickCheck {
  return (value) => (typeof value === type ? value : MISFIT)
}

function unless(nothing: null | undefined, inner: z.$ZodType): QuickCheck | undefined {
  const check = quickCheck(inner)
  return check && ((value) => (value === nothing ? nothing : check(value)))
}

function oneOf(options: readonly z.$ZodType[]): QuickCheck | undefined {
  const checks = options.map(quickCheck)
  if (!checks.every((check) => check !== undefined)) return undefined
  return (value) => {
    for (const check of checks) {
      const checked = check(value)
      if (checked !== MISFIT) return checked
    }
    return MISFIT
  }
}

function each(element: z.$ZodType): QuickCheck | undefined {
  const check = quickCheck(element)
  return (
    check &&
    ((value) => {
      if (!Array.isArray(value)) return MISFIT
      for (let i = 0; i < value.length; i++) {
        const checked = check(value[i])
        if (checked === MISFIT) return MISFIT
        value[i] = checked
      }
      return value
    })
  )
}

function inOrder(items: readonly z.$ZodType[]): QuickCheck | undefined {
  const checks = items.map(quickCheck)
  if (!checks.every((check) => check !== undefined)) return undefined
  return (value) => {
    if (!Array.isArray(value) || value.length !== checks.length) return MISFIT
    for (const [i, check] of checks.entries()) {
      const checked = check(value[i])
      if (checked === MISFIT) return MISFIT
      value[i] = checked
    }
    return value
  }
}

function values(valueType: z.$ZodType): QuickCheck | undefined {
  const check = quickCheck(valueType)
  return (
    check &&
    ((value) => {
      if (!isRecord(value)) return MISFIT
      for (const key of Object.keys(value)) {
        const checked = check(value[key])
        if (checked === MISFIT) return MISFIT
        if (checked !== value[key]) value[key] = checked
      }
      return value
    })
  )
}

function members({ shape, catchall }: z.$ZodObjectDef): QuickCheck | undefined {
  // Only loose ones: members that are not known stay.
  if ((catchall as z.$ZodTypes | undefined)?._zod.def.type !== 'unknown') return undefined
  const checks = Object.entries(shape).map(([key, member]) => ({ key, check: quickCheck(member) }))
  if (!checks.every((one): one is { key: string; check: QuickCheck } => one.check !== undefined)) return undefined
  return (value) => {
    if (!isRecord(value)) return MISFIT
    for (const { key, check } of checks) {
      const found = value[key]
      const checked = check(found)
      if (checked === MISFIT) return MISFIT
      if (checked !== found) value[key] = checked
    }
    return value
  }
}

function inTurn(first: z.$ZodType, second: z.$ZodType): QuickCheck | undefined {
  const check = quickCheck(first)
  const { def } = (second as z.$ZodTypes)._zod
  const next = def.type === 'transform' ? (def.transform as QuickCheck) : quickCheck(second)
  if (check === undefined || next === undefined) return undefined
  return (value) => {
    const checked = check(value)
    return checked === MISFIT ? MISFIT : next(checked)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
