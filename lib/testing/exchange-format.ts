// The format of exchange files. Version 2 writes bodies that are text as text, so that a review can read them, and any
// other as `{ "base64": … }`. Version 1 has no version member: an exchange or an array of them, all bytes in base64.
import { isUtf8 } from 'node:buffer'

import * as z from 'zod/mini'

import { isObject, type JsonValue } from '../base/json.ts'
import type { Exchange, Recording, Replacement } from './exchange-file.ts'

/** The version that is written. */
export const FORMAT_VERSION = 2

const base64 = z.base64()
const bytes = z.union([
  z.pipe(
    z.string(),
    z.transform((text) => Buffer.from(text).toString('base64')),
  ),
  z.pipe(
    z.strictObject({ base64 }),
    z.transform(({ base64 }) => base64),
  ),
])

// The two versions differ only in how bytes are written.
function exchangeOf(bytes: z.ZodMiniType<string>): z.ZodMiniType<Exchange> {
  const headers = z.record(z.string(), z.string())
  return z.strictObject({
    name: z.string(),
    request: z.strictObject({
      method: z.string(),
      path: z.string().check(z.startsWith('/')),
      query: z.record(z.string(), z.array(z.string())),
      headers,
      body: z.optional(z.custom<JsonValue>()),
    }),
    response: z.strictObject({
      status: z.number(),
      headers,
      chunks: z.array(bytes),
      open: z.optional(z.boolean()),
    }),
    upgrade: z.optional(z.array(z.strictObject({ from: z.enum(['client', 'engine']), data: z.nullable(bytes) }))),
    when: z.optional(z.string()),
    // oxlint-disable-next-line unicorn/no-thenable -- the name of a state, never a function
    then: z.optional(z.string()),
    fail: z.optional(z.union([z.literal('reset'), z.strictObject({ cutAfter: z.number() })])),
  })
}

const replacement: z.ZodMiniType<Replacement> = z.tuple([
  z.union([
    z.string(),
    z.pipe(
      z.strictObject({ pattern: z.string(), flags: z.string() }),
      z.transform(({ pattern, flags }) => new RegExp(pattern, flags)),
    ),
  ]),
  z.string(),
])
const version1 = z.array(exchangeOf(base64))
const version2: z.ZodMiniType<Recording & { readonly version: number }> = z.strictObject({
  version: z.literal(FORMAT_VERSION),
  replace: z._default(z.array(replacement), []),
  exchanges: z.array(exchangeOf(bytes)),
})

/** Reads the value of an exchange file. @throws Error naming the member that is wrong */
export function fromFile(value: JsonValue): Recording {
  if (!isObject(value) || !Object.hasOwn(value, 'version')) {
    return { exchanges: parsed(version1, Array.isArray(value) ? value : [value]), replace: [] }
  }
  const { version } = value
  if (version !== FORMAT_VERSION) {
    const known = `this dockline reads versions up to ${FORMAT_VERSION}; record it again or update dockline`
    throw new Error(`its format has version ${JSON.stringify(version)}, ${known}`)
  }
  const { exchanges, replace } = parsed(version2, value)
  return { exchanges, replace }
}

/** The value of an exchange file. */
export function toFile({ exchanges, replace }: Recording): object {
  return {
    version: FORMAT_VERSION,
    ...(replace.length === 0 ? {} : { replace: replace.map(([from, to]) => [writtenPattern(from), to]) }),
    exchanges: exchanges.map(({ name, request, response, upgrade, ...rest }) => ({
      name,
      request,
      response: { ...response, chunks: response.chunks?.map(writtenBytes) },
      ...(upgrade === undefined
        ? {}
        : { upgrade: upgrade.map(({ from, data }) => ({ from, data: data === null ? null : writtenBytes(data) })) }),
      ...rest,
    })),
  }
}

function parsed<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`)
  throw new Error(issues.join('; '))
}

function writtenPattern(from: string | RegExp): unknown {
  return typeof from === 'string' ? from : { pattern: from.source, flags: from.flags }
}

// The head of a frame of output: its stream, three zeros, its length.
// oxlint-disable-next-line no-control-regex -- the head of a frame is made of them
const FRAME_HEAD = /[\0-\x02]\0{3}[^]{4}/g
// oxlint-disable-next-line no-control-regex -- text is what has none of them but tab, line ends and escape sequences
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/

function writtenBytes(data: string): unknown {
  const bytes = Buffer.from(data, 'base64')
  const text = bytes.toString('utf8')
  return isUtf8(bytes) && !CONTROL.test(text.replace(FRAME_HEAD, '')) ? text : { base64: data }
}
