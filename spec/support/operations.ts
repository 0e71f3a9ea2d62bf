// Makes fixtures/api/operations.json from the Engine API's own description: what each operation is called, where it
// is, and where its parameters go. The first file is the newest API, those behind it add what is gone from it.
//
//   node --import tsx spec/support/operations.ts v1.56.yaml v1.41.yaml > fixtures/api/operations.json
import { readFileSync } from 'node:fs'

import { parse } from 'yaml'

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'body'
  $ref?: string
}

interface Description {
  paths: Record<
    string,
    Record<string, { operationId: string; parameters?: Parameter[] }> & { parameters?: Parameter[] }
  >
  parameters?: Record<string, Parameter>
}

/** An operation of the table: parameters by name, body aside. */
interface Entry {
  id: string
  method: string
  path: string
  query: string[]
  headers: string[]
  body: boolean
}

function entries(file: string): Entry[] {
  const { paths } = parse(readFileSync(file, 'utf8')) as Description
  return Object.entries(paths).flatMap(([path, { parameters: shared = [], ...operations }]) =>
    Object.entries(operations).map(([method, { operationId, parameters = [] }]) => {
      const named = (place: Parameter['in']): string[] =>
        [...shared, ...parameters].filter((parameter) => parameter.in === place).map(({ name }) => name)
      return {
        id: operationId,
        method: method.toUpperCase(),
        path,
        query: named('query'),
        headers: named('header'),
        body: named('body').length > 0,
      }
    }),
  )
}

const [newest, ...older] = process.argv.slice(2)
if (newest === undefined) throw new Error('usage: operations.ts NEWEST.yaml [OLDER.yaml …]')
const table = new Map(entries(newest).map((entry) => [entry.id, { ...entry, gone: [] as string[] }]))
for (const { id, query } of older.flatMap(entries)) {
  const entry = table.get(id)
  if (entry === undefined) throw new Error(`${id} is not in the newest API`)
  entry.gone.push(...query.filter((name) => !entry.query.includes(name) && !entry.gone.includes(name)))
}
console.log(`[\n${[...table.values()].map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]`)
