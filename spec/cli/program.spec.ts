import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CommanderError } from 'commander'

import { createProgram } from '../../lib/cli/program.ts'
import { testSession } from '../support/session.ts'

/** Runs a command line: its exit code as commander has it, and what it wrote. */
async function run(...args: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const session = testSession({ DOCKER_HOST: 'unix:///nonexistent/docker.sock' })
  const codes: number[] = []
  try {
    await createProgram(session, '1.2.3', (code) => void codes.push(code)).parseAsync(args, { from: 'user' })
    return { code: codes[0] ?? 'none', ...session.printed() }
  } catch (error) {
    const code = error instanceof CommanderError ? error.exitCode : ((error as { code?: string }).code ?? 'unknown')
    return { code, ...session.printed() }
  }
}

test('--help and --version are at once there, on stdout', async () => {
  const help = await run('--help')
  assert.equal(help.code, 0)
  for (const command of ['refresh', 'plan', 'recover', 'watch', 'serve', 'doctor', 'demo'])
    assert.match(help.stdout, new RegExp(`^ {2}${command}\\b`, 'm'))
  assert.deepEqual(await run('--version'), { code: 0, stdout: '1.2.3\n', stderr: '' })
})

test('every command has a help of its own', async () => {
  for (const command of [
    'refresh',
    'plan',
    'recover',
    'watch',
    'serve',
    'doctor',
    'demo',
    'record',
    'replay',
    'check',
  ]) {
    const { code, stdout } = await run(command, '--help')
    assert.equal(code, 0, command)
    assert.match(stdout, new RegExp(`Usage: dockline ${command}`))
  }
})

test('the help of refresh names every flag of the design', async () => {
  const { stdout } = await run('refresh', '--help')
  for (const flag of [
    '--image',
    '--runtime',
    '--name',
    '--name-prefix',
    '--label',
    '--all',
    '--no-recreate',
    '--strategy',
    '--order',
    '--concurrency',
    '--platform',
    '--health-timeout',
    '--stable-for',
    '--pull-timeout',
    '--dry-run',
    '--json',
    '--host',
    '--context',
  ])
    assert.ok(stdout.includes(`${flag} `), flag)
})

for (const [title, args, words] of [
  ['an unknown option', ['refresh', '--frobnicate'], /unknown option '--frobnicate'/],
  ['an unknown command', ['frobnicate'], /unknown command 'frobnicate'/],
  ['an option without its value', ['refresh', '--image'], /argument missing/],
  ['a number that is none', ['refresh', '--concurrency', 'many'], /whole number of at least 1/],
  ['a strategy that is none', ['refresh', '--strategy', 'pray'], /Allowed choices are replace, remove/],
  ['an order that is none', ['plan', '--order', 'x'], /Allowed choices are stop-first, start-first/],
  ['seconds that are none', ['refresh', '--stable-for', 'long'], /write seconds/],
] as const) {
  test(`${title} is told on stderr with the way to the help, and nothing is done`, async () => {
    const { code, stdout, stderr } = await run(...args)
    assert.equal(code, 1, 'which the program turns into its exit code 2')
    assert.equal(stdout, '')
    assert.match(stderr, words)
    assert.match(stderr, /dockline --help tells more/)
  })
}

test('what is wrong with images and containers is told before the engine is asked', async () => {
  assert.equal((await run('refresh', '--image', 'Acme/X', '--all')).code, 'REF_INVALID')
  assert.equal((await run('refresh', '--image', 'nginx')).code, 'INPUT_INVALID')
  assert.equal((await run('plan', '--runtime', 'nope')).code, 'INPUT_INVALID')
  assert.equal((await run('refresh', '--all')).code, 'ENGINE_UNREACHABLE')
})
