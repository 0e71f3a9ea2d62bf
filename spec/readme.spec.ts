import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'

import { modelEngine, type Listening, type ModelEngine } from '../lib/testing/index.ts'
import { CANARY_ENV } from './support/canary.ts'

const RECIPES = [
  ...readFileSync('README.md', 'utf8').matchAll(/```ts\n(\/\/ \d+\. [^\n]+\n[^`]*(?:`[^`]+`[^`]*)*?)```/g),
].map((match) => match[1] as string)
const EXPECTED: readonly (readonly RegExp[])[] = [
  [/^sha256: true$/, /^true$/],
  [/^(?:Image is up to date|Downloaded newer image) for ghcr\.io\/acme\/app:latest$/],
  [/^credential: GHCR_USER and GHCR_TOKEN$/],
  [/^0 done\s*$/],
  [/^0 hello$/],
  [/^serving$/],
  [/^false$/, /^true$/],
  [/^resync$/],
  [/^true$/],
  [/^\[ 'app-1 replaced' \]$/],
]

const app = (version: string) => ({
  config: { Cmd: ['/serve'], Labels: { version } },
  behaviour: { stdout: ['serving'], exec: () => ({ exitCode: 0, stdout: 'hello\n' }) },
})

let engine: ModelEngine
let listening: Listening
let dir: string
const env = { DOCKER_HOST: process.env['DOCKER_HOST'], HOME: process.env['HOME'] }

before(async () => {
  const images = {
    'ghcr.io/acme/app:latest': app('1'),
    'ghcr.io/acme/job:latest': { config: { Cmd: ['/job'] }, behaviour: { process: { exits: 0 }, stdout: ['done'] } },
  }
  engine = modelEngine({ images, containers: [{ name: 'app-1', Image: 'ghcr.io/acme/app:latest' }] })
  engine.publish('ghcr.io/acme/app:latest', app('2'))
  listening = await engine.listen()
  dir = mkdtempSync(join(tmpdir(), 'recipes-'))
  Object.assign(process.env, { ...CANARY_ENV, DOCKER_HOST: listening.host, HOME: dir })
})

after(async () => {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  await engine.close()
  rmSync(dir, { recursive: true, force: true })
})

test('the README shows ten recipes', () => {
  assert.equal(RECIPES.length, 10)
})

for (const [i, recipe] of RECIPES.entries()) {
  test(`recipe ${recipe.split('\n', 1)[0]?.replace('// ', '')}`, async (t) => {
    const printed = await runRecipe(t, recipe, i)
    assert.equal(printed.length, EXPECTED[i]?.length, printed.join('\n'))
    for (const [line, expected] of (EXPECTED[i] ?? []).entries()) assert.match(printed[line] ?? '', expected)
  })
}

// The package's own names lead to the source here, as its exports lead to the build.
async function runRecipe(t: TestContext, recipe: string, i: number): Promise<string[]> {
  const file = join(dir, `recipe-${i}.mts`)
  writeFileSync(file, toSource(recipe))
  const log = t.mock.method(console, 'log', () => {})
  await import(pathToFileURL(file).href)
  return log.mock.calls.map(({ arguments: said }) =>
    said.map((value) => (typeof value === 'string' ? value : inspectOf(value))).join(' '),
  )
}

function toSource(code: string): string {
  const entry = (path: string): string => pathToFileURL(join(process.cwd(), 'lib', path)).href
  return code.replaceAll(
    /from 'dockline(?:\/(\w+))?'/g,
    (_, sub?: string) => `from '${entry(sub === undefined ? 'index.ts' : `${sub}/index.ts`)}'`,
  )
}

function inspectOf(value: unknown): string {
  return Array.isArray(value) ? `[ ${value.map((item) => `'${String(item)}'`).join(', ')} ]` : String(value)
}

const TESTS = Array.from(
  readFileSync('README.md', 'utf8').matchAll(/```ts test\n([^`]+(?:`[^`]+`[^`]*)*?)```/g),
  ([, source = '']) => source,
)

test('the README shows a test of a program, and one of a reaper', () => {
  assert.deepEqual(
    TESTS.map((source) => /^test\('([^']+)'/m.exec(source)?.[1]),
    [
      'the application migrates, serves, and answers at its port',
      'the reaper takes what has stopped and leaves what runs',
    ],
  )
})

for (const [i, source] of TESTS.entries())
  test(`test ${i + 1} of the README passes without Docker`, () => {
    const file = join(dir, `readme-${i}.spec.mts`)
    writeFileSync(file, toSource(source))
    const env = { ...process.env, DOCKER_HOST: 'unix:///nonexistent' }
    delete (env as Record<string, string | undefined>)['NODE_TEST_CONTEXT']
    const out = execFileSync(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--test', '--test-reporter=tap', file],
      { encoding: 'utf8', env },
    )
    assert.match(out, /^# pass 1$/m)
    assert.ok(source.trim().split('\n').length <= 25, 'it is short')
  })
