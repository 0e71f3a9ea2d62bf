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
  return checkOf(schema, false)
}

/**
 * The same for an answer that is not as it should be: a member of another shape stays as it came, and its neighbours are
 * filled in all the same. `MISFIT` when the whole is something else.
 */
export function mendingCheck(schema: z.$ZodType): QuickCheck {
  return checkOf(schema, true) ?? (() => MISFIT)
}

function checkOf(schema: z.$ZodType, mends: boolean): QuickCheck | undefined {
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
      return unless(undefined, def.innerType, mends)
    case 'nullable':
      return unless(null, def.innerType, mends)
    case 'union':
      return oneOf(def.options)
    case 'array':
      return each(def.element, mends)
    case 'tuple':
      return def.rest === null ? inOrder(def.items, mends) : undefined
    case 'record':
      return values(def.valueType, mends)
    case 'object':
      return members(def, mends)
    case 'custom':
      return (value) => (def.fn(value) === true ? value : MISFIT)
    case 'pipe':
      return inTurn(def.in, def.out, mends)
    default:
      return undefined
  }
}

function typeIs(type: string): QuickCheck {
  return (value) => (typeof value === type ? value : MISFIT)
}

function unless(nothing: null | undefined, inner: z.$ZodType, mends: boolean): QuickCheck | undefined {
  const check = checkOf(inner, mends)
  return check && ((value) => (value === nothing ? nothing : check(value)))
}

// Never mending: the first option would take everything.
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

function each(element: z.$ZodType, mends: boolean): QuickCheck | undefined {
  const check = checkOf(element, mends)
  return (
    check &&
    ((value) => {
      if (!Array.isArray(value)) return MISFIT
      for (let i = 0; i < value.length; i++) {
        const checked = check(value[i])
        if (checked !== MISFIT) value[i] = checked
        else if (!mends) return MISFIT
      }
      return value
    })
  )
}

function inOrder(items: readonly z.$ZodType[], mends: boolean): QuickCheck | undefined {
  const checks = items.map((item) => checkOf(item, mends))
  if (!checks.every((check) => check !== undefined)) return undefined
  return (value) => {
    if (!Array.isArray(value) || value.length !== checks.length) return MISFIT
    for (const [i, check] of checks.entries()) {
      const checked = check(value[i])
      if (checked !== MISFIT) value[i] = checked
      else if (!mends) return MISFIT
    }
    return value
  }
}

function values(valueType: z.$ZodType, mends: boolean): QuickCheck | undefined {
  const check = checkOf(valueType, mends)
  return (
    check &&
    ((value) => {
      if (!isRecord(value)) return MISFIT
      for (const key of Object.keys(value)) {
        const checked = check(value[key])
        if (checked === MISFIT) {
          if (!mends) return MISFIT
        } else if (checked !== value[key]) value[key] = checked
      }
      return value
    })
  )
}

function members({ shape, catchall }: z.$ZodObjectDef, mends: boolean): QuickCheck | undefined {
  // Only loose ones: members that are not known stay.
  if ((catchall as z.$ZodTypes | undefined)?._zod.def.type !== 'unknown') return undefined
  const checks = Object.entries(shape).map(([key, member]) => ({ key, check: checkOf(member, mends) ?? passOn(mends) }))
  if (!checks.every((one): one is { key: string; check: QuickCheck } => one.check !== undefined)) return undefined
  return (value) => {
    if (!isRecord(value)) return MISFIT
    for (const { key, check } of checks) {
      const found = value[key]
      const checked = check(found)
      if (checked === MISFIT) {
        if (!mends) return MISFIT
      } else if (checked !== found) value[key] = checked
    }
    return value
  }
}

// What is not known here stays as it came.
function passOn(mends: boolean): QuickCheck | undefined {
  return mends ? (value) => value : undefined
}

function inTurn(first: z.$ZodType, second: z.$ZodType, mends: boolean): QuickCheck | undefined {
  const check = checkOf(first, mends)
  const { def } = (second as z.$ZodTypes)._zod
  const next = def.type === 'transform' ? (def.transform as QuickCheck) : checkOf(second, mends)
  if (check === undefined || next === undefined) return undefined
  return (value) => {
    const checked = check(value)
    if (checked === MISFIT || !mends) return checked === MISFIT ? MISFIT : next(checked)
    try {
      return next(checked)
    } catch {
      return checked // a transform that relies on the member that is odd
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
