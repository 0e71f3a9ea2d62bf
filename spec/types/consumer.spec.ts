import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'

import { RELEASES, tsc } from './compilers.ts'
import { handedOn } from './declarations.ts'

const home = mkdtempSync(join(tmpdir(), 'dockline-consumer-'))
after(() => rmSync(home, { recursive: true }))
mkdirSync(join(home, 'node_modules/@types'), { recursive: true })
symlinkSync(process.cwd(), join(home, 'node_modules/dockline'))
symlinkSync(resolve('node_modules/@types/node'), join(home, 'node_modules/@types/node'))
cpSync('spec/types/consumer', home, { recursive: true })
writeFileSync(join(home, 'package.json'), '{"type":"module","private":true}')
writeFileSync(join(home, 'declarations.ts'), await handedOn())

const FILES = ['accepted.ts', 'refused.ts', 'declarations.ts']

for (const release of RELEASES) {
  for (const moduleResolution of ['node16', 'bundler']) {
    test(`a consumer compiles with TypeScript ${release}, ${moduleResolution}`, () => {
      assert.equal(compile(release, moduleResolution, FILES), '')
    })
  }
}

test('a mistake that no directive announces is seen', () => {
  writeFileSync(
    join(home, 'wrong.ts'),
    `import { connect } from 'dockline'\n(await connect()).containers.create({ Image: 1 })\n`,
  )
  assert.match(compile('7.0.2', 'node16', ['wrong.ts']), /wrong\.ts\(2,\d+\): error TS2322/)
})

/** Compiles files of the consumer, its libraries' declarations checked too. @returns what the compiler says */
function compile(release: (typeof RELEASES)[number], moduleResolution: string, files: readonly string[]): string {
  const project = join(home, `tsconfig.${release}.${moduleResolution}.json`)
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: moduleResolution === 'bundler' ? 'esnext' : 'node16',
    moduleResolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: 'out',
    types: ['node'],
  }
  writeFileSync(project, JSON.stringify({ compilerOptions, files }))
  try {
    execFileSync(process.execPath, [tsc(release), '-p', project], { cwd: home, encoding: 'utf8' })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
