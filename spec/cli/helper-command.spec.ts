import assert from 'node:assert/strict'
import { test } from 'node:test'

import { helperCommand } from '../../lib/cli/helper-command.ts'
import { createProgram } from '../../lib/cli/program.ts'
import { testSession } from '../support/session.ts'

const PROGRAM = {
  execPath: '/usr/bin/node',
  execArgv: ['--no-warnings'],
  argv: ['node', '/app/main.js', 'serve', '--self'],
}
const RELIEF = { names: ['dock', 'side'], images: ['ghcr.io/acme/dockline:latest'] }

test('a helper runs this very program, told of its containers and of nothing that was not said', () => {
  assert.deepEqual(helperCommand(PROGRAM, {}, RELIEF), [
    '/usr/bin/node',
    '--no-warnings',
    '/app/main.js',
    'refresh',
    '--helper',
    '--name=dock',
    '--name=side',
    '--image=ghcr.io/acme/dockline:latest',
  ])
})

test('how containers are moved, and which engine, is passed on, and the command line takes it', async () => {
  const flags = {
    strategy: 'replace',
    order: 'start-first',
    platform: 'linux/amd64',
    healthTimeout: 60,
    stableFor: 0.5,
    pullTimeout: 9,
    host: 'unix:///nonexistent/docker.sock',
    allowNoRollback: true,
    keepChanges: true,
    hooks: true,
    retry: true,
    self: true,
  } as const
  const args = helperCommand(PROGRAM, flags, RELIEF).slice(3)
  for (const said of ['--order=start-first', '--stable-for=0.5', '--keep-changes', '--retry', `--host=${flags.host}`])
    assert.ok(args.includes(said), said)
  assert.equal(args.includes('--self'), false)
  const program = createProgram(testSession(), '1.2.3', () => {})
  await assert.rejects(program.parseAsync([...args], { from: 'user' }), { code: 'ENGINE_UNREACHABLE' })
})
