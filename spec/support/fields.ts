// Makes fixtures/api/fields.json from the Engine API's own descriptions: the fields of every request body and JSON answer.
// A type is a name, `[]` before it an array, `{}` before it a map; null is a plain value. The newest file comes first.
//
//   node --import tsx spec/support/fields.ts v1.56.yaml v1.51.yaml > fixtures/api/fields.json
import { readFileSync } from 'node:fs'

import { parse } from 'yaml'

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly allOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
}

interface Call {
  readonly operationId: string
  readonly parameters?: readonly { readonly in: string; readonly schema?: Schema }[]
  readonly responses?: Readonly<Record<string, { readonly schema?: Schema; readonly $ref?: string }>>
}

interface Description {
  readonly definitions: Readonly<Record<string, Schema>>
  readonly responses?: Readonly<Record<string, { readonly schema?: Schema }>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, Call>>>>
}

type Fields = Record<string, string | null>

const types: Record<string, Fields> = {}
const operations: Record<string, { body?: string; answer?: string }> = {}

function nameOf(ref: string): string {
  return ref.split('/').at(-1) as string
}

/** What a schema is, and notes its fields under a name of their own where it has none. */
function typeOf(description: Description, schema: Schema, place: string): string | null {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref)
    const target = description.definitions[name]
    if (target === undefined) return null
    return isPlain(target) ? typeOf(description, target, name) : note(description, target, name)
  }
  if (schema.items !== undefined) return wrapped('[]', typeOf(description, schema.items, place))
  if (schema.properties !== undefined || schema.allOf !== undefined) return note(description, schema, place)
  if (typeof schema.additionalProperties === 'object')
    return wrapped('{}', typeOf(description, schema.additionalProperties, place))
  return null
}

function isPlain(schema: Schema): boolean {
  return schema.properties === undefined && schema.allOf === undefined
}

function wrapped(around: string, inner: string | null): string | null {
  return inner === null ? null : around + inner
}

const noted = new Set<string>()

function note(description: Description, schema: Schema, name: string): string {
  if (noted.has(name)) return name
  noted.add(name)
  const fields = (types[name] ??= {})
  collect(description, schema, name, fields)
  return name
}

function collect(description: Description, schema: Schema, name: string, fields: Fields): void {
  for (const part of schema.allOf ?? []) {
    const target = part.$ref === undefined ? part : description.definitions[nameOf(part.$ref)]
    if (target !== undefined) collect(description, target, name, fields)
  }
  for (const [field, inner] of Object.entries(schema.properties ?? {}))
    fields[field] ??= typeOf(description, inner, `${name}.${field}`)
}

for (const file of process.argv.slice(2)) {
  const description = parse(readFileSync(file, 'utf8')) as Description
  noted.clear()
  for (const calls of Object.values(description.paths)) {
    for (const { operationId, parameters = [], responses = {} } of Object.values(calls)) {
      if (operationId === undefined) continue
      const entry = (operations[operationId] ??= {})
      const body = parameters.find((parameter) => parameter.in === 'body')?.schema
      const reply = responses['200'] ?? responses['201']
      const answer = reply?.schema ?? (reply?.$ref && description.responses?.[nameOf(reply.$ref)]?.schema) ?? undefined
      const bodyType = body === undefined ? null : typeOf(description, body, `${operationId}.body`)
      const answerType = answer ? typeOf(description, answer, `${operationId}.answer`) : null
      if (bodyType !== null) entry.body ??= bodyType
      if (answerType !== null) entry.answer ??= answerType
    }
  }
}

const sorted = (record: Record<string, unknown>): string[] =>
  Object.keys(record)
    .toSorted()
    .map((key) => `    ${JSON.stringify(key)}: ${JSON.stringify(record[key])}`)
const described = Object.fromEntries(Object.entries(operations).filter(([, entry]) => Object.keys(entry).length > 0))
console.log(
  `{\n  "operations": {\n${sorted(described).join(',\n')}\n  },\n  "types": {\n${sorted(types).join(',\n')}\n  }\n}`,
)
