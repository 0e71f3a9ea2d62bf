import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

// Ground floor first: what each folder of lib/ may import besides itself.
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  stream: ['base'],
  registry: ['base'],
  wire: ['base', 'stream'],
  engine: ['base', 'stream', 'wire'],
  refresh: ['base', 'registry', 'engine'],
  workspace: ['base', 'registry', 'engine', 'refresh'],
  server: ['base', 'refresh', 'workspace'],
  cli: ['base', 'stream', 'registry', 'wire', 'engine', 'refresh', 'workspace', 'server', 'testing'],
  testing: ['base', 'stream', 'wire', 'engine'], // the engine for withReplay, which hands out a client
}
const MAY_USE_UNDICI = ['wire', 'registry', 'workspace/control-plane', 'testing']

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, folder: name.split('/').slice(0, -1), text: readFileSync(join('lib', name), 'utf8') }))
const sources = files.filter(({ name }) => !name.endsWith('.d.ts'))

function importsOf(text: string): string[] {
  const found = text.matchAll(/^\s*(?:import|export)\b[^'"]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)
  return [...found].map((match) => match[1] ?? match[2] ?? '')
}

test('there are files to look at, and imports are found in them', () => {
  assert.ok(files.length > 30)
  assert.deepEqual(importsOf("import { a } from './a.ts'\nexport * from 'b'\nconst c = await import('c')"), [
    './a.ts',
    'b',
    'c',
  ])
})

test('a folder imports only folders below it in the house', () => {
  const wrong = sources.flatMap(({ name, folder, text }) => {
    const [home] = folder
    if (home === undefined) return []
    const allowed = new Set([home, ...(MAY_IMPORT[home] ?? assert.fail(`lib/${home} has no place in the house`))])
    return importsOf(text)
      .filter((target) => target.startsWith('.'))
      .map((target) => normalize(join(dirname(name), target)))
      .filter((target) => !allowed.has(target.split('/')[0] as string))
      .map((target) => `${name} imports ${target}`)
  })
  assert.deepEqual(wrong, [])
})

test('undici is imported only where something speaks HTTP', () => {
  const wrong = sources
    .filter(({ text }) => importsOf(text).some((target) => target === 'undici' || target.startsWith('undici/')))
    .filter(({ name }) => !MAY_USE_UNDICI.some((folder) => name.startsWith(`${folder}/`)))
  assert.deepEqual(
    wrong.map(({ name }) => name),
    [],
  )
})

const rules: readonly [promise: string, broken: (file: (typeof files)[number]) => boolean][] = [
  ['only the command line prints', ({ name, text }) => !name.startsWith('cli/') && /\bconsole\s*\./.test(text)],
  ['no file has more than 250 lines', ({ text }) => text.trimEnd().split('\n').length > 250],
  ['nothing is a default export', ({ text }) => /^\s*export\s+default\b/m.test(text)],
]
for (const [promise, broken] of rules) {
  test(promise, () => {
    const wrong = sources.filter(broken).map(({ name }) => name)
    assert.deepEqual(wrong, [])
  })
}
