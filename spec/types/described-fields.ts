// What the public types lack of the fields that the Engine API describes. The compiler is asked: each field becomes a line
// of a program that compiles only where the type has the field.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The description: a type by name, `[]` before it for an array, `{}` for a map; null for a plain value. */
interface Described {
  readonly operations: Readonly<Record<string, { readonly body?: string; readonly answer?: string }>>
  readonly types: Readonly<Record<string, Readonly<Record<string, string | null>>>>
}

/** Where the body or the answer of an operation stands in the public types: a type, in which `Docker` is known. */
export type Places = Readonly<Record<string, { readonly body?: string; readonly answer?: string }>>

const HEAD = `import type { Docker } from '../../../lib/index.ts'
type Body<F> = F extends (...values: infer P) => unknown ? P : never
type Answer<F> = F extends (...values: never[]) => infer R ? Awaited<R> : never
type Given<T> = Exclude<T, null | undefined>
type Member<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never
type Names<T> = T extends unknown ? keyof T : never
type Has<T, P extends readonly string[]> = P extends readonly [infer K, ...infer Rest extends string[]]
  ? K extends '[]'
    ? Given<T> extends readonly (infer Item)[] ? Has<Item, Rest> : false
    : K extends '{}'
      ? string extends keyof Given<T> ? Has<Given<T>[keyof Given<T>], Rest> : false
      : K extends Names<Given<T>> ? Has<Member<Given<T>, K>, Rest> : false
  : true
`

/**
 * Lists the described fields that a type does not name, as `Operation.body: Member.Member`, and the operations that have
 * no place. Below a field that is missing nothing more is listed; a type inside of itself is not entered again.
 */
export function missingFields(places: Places): string[] {
  const described = JSON.parse(readFileSync('fixtures/api/fields.json', 'utf8')) as Described
  const lines: { readonly place: string; readonly path: readonly string[] }[] = []
  const missing: string[] = []
  for (const [operation, roles] of Object.entries(described.operations)) {
    for (const role of ['body', 'answer'] as const) {
      const type = roles[role]
      if (type === undefined) continue
      const place = `${operation}.${role}`
      if (places[operation]?.[role] === undefined) missing.push(`${place}: no place`)
      else for (const path of pathsOf(described.types, type)) lines.push({ place, path })
    }
  }
  const wrong = compile(
    lines.map(({ place, path }) => {
      const [operation, role] = place.split('.') as [string, 'body' | 'answer']
      return `Has<${places[operation]?.[role]}, ${JSON.stringify(path)}>`
    }),
  )
  const lacking = lines.filter((_, i) => wrong.has(i))
  const isBelow = ({ place, path }: (typeof lines)[number]): boolean =>
    lacking.some((other) => other.place === place && isStart(other.path, path))
  return [
    ...missing,
    ...lacking.filter((line) => !isBelow(line)).map(({ place, path }) => `${place}: ${shown(path)}`),
  ].toSorted()
}

function isStart(start: readonly string[], path: readonly string[]): boolean {
  return start.length < path.length && start.every((part, i) => part === path[i])
}

function shown(path: readonly string[]): string {
  return path.filter((part) => part !== '[]' && part !== '{}').join('.')
}

function pathsOf(types: Described['types'], type: string, inside: readonly string[] = []): string[][] {
  const around = type.slice(0, 2)
  if (around === '[]' || around === '{}') return pathsOf(types, type.slice(2), inside).map((path) => [around, ...path])
  if (inside.includes(type)) return []
  return Object.entries(types[type] ?? {}).flatMap(([field, inner]) => [
    [field],
    ...(inner === null ? [] : pathsOf(types, inner, [...inside, type]).map((path) => [field, ...path])),
  ])
}

/** Compiles a line for each type that must be `true`. @returns the places of those that are not */
function compile(types: readonly string[]): Set<number> {
  const folder = mkdtempSync(join('spec', 'types', '.described-'))
  try {
    const file = join(folder, 'described.ts')
    writeFileSync(file, HEAD + types.map((type, i) => `export const t${i}: ${type} = true`).join('\n'))
    const project = join(folder, 'tsconfig.json')
    writeFileSync(
      project,
      JSON.stringify({ extends: '../../../tsconfig.json', include: ['described.ts', '../../../lib/**/*.d.ts'] }),
    )
    const offset = HEAD.split('\n').length - 1
    const output = tsc(project)
    const wrong = [...output.matchAll(/described\.ts\((\d+),\d+\): error (TS\d+)/g)]
    const other = output.split('\n').filter((line) => /error TS/.test(line) && !/error TS2322/.test(line))
    if (other.length > 0) throw new Error(`the program of the described fields does not compile:\n${other.join('\n')}`)
    return new Set(wrong.map(([, line]) => Number(line) - offset - 1))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function tsc(project: string): string {
  try {
    return execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', project], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
