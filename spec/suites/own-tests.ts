// The tests that other projects bring with them: dockerode's (mocha) and docker-py's (pytest). Their folders are named by
// the caller, with what they need installed; nothing of them is changed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { runProgram, type Step } from './suite.ts'

/** The image that dockerode's tests use. */
export const DOCKERODE_IMAGE = 'ubuntu:latest'
/** The image that docker-py's tests use. */
export const DOCKER_PY_IMAGE = 'alpine:3.10'

const LONGEST = 540_000

interface MochaReport {
  readonly tests: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[]
  readonly pending: readonly { readonly fullTitle: string }[]
}

/** Runs dockerode's own tests; what it skips itself is no step. */
export async function runDockerode(dir: string, host: string): Promise<Step[]> {
  const work = mkdtempSync(join(tmpdir(), 'dockline-suite-'))
  const output = join(work, 'report.json')
  try {
    await runProgram(
      process.execPath,
      ['node_modules/mocha/bin/mocha.js', '-R', 'json', '-O', `output=${output}`, '--timeout', '15000', '--exit'],
      { cwd: dir, env: { PATH: process.env['PATH'], HOME: work, DOCKER_HOST: host }, timeout: LONGEST },
    )
    const { tests, pending } = JSON.parse(readFileSync(output, 'utf8')) as MochaReport
    const skipped = new Set(pending.map(({ fullTitle }) => fullTitle))
    return tests.flatMap(({ fullTitle, err }) =>
      skipped.has(fullTitle) ? [] : [{ name: fullTitle, code: err.message === undefined ? 0 : 1, text: '' }],
    )
  } finally {
    rmSync(work, { recursive: true })
  }
}

// A test that hangs must not take the others with it.
const ALARM = `
import signal, pytest
def ring(number, frame): raise TimeoutError('longer than 20 s')
signal.signal(signal.SIGALRM, ring)
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    signal.alarm(20)
    yield
    signal.alarm(0)
`

/** Runs docker-py's own integration tests; what it skips itself is no step. */
export async function runDockerPy(dir: string, host: string, python: string): Promise<Step[]> {
  const work = mkdtempSync(join(tmpdir(), 'dockline-suite-'))
  try {
    writeFileSync(join(work, 'suite_alarm.py'), ALARM)
    const env = { PATH: process.env['PATH'], HOME: work, DOCKER_HOST: host, PYTHONPATH: `${work}:${dir}` }
    const args = ['-m', 'pytest', 'tests/integration', '-v', '--tb=no', '-p', 'no:cacheprovider', '-p', 'suite_alarm']
    const { out } = await runProgram(python, args, { cwd: dir, env, timeout: LONGEST })
    return Array.from(out.matchAll(/^(tests\/\S+) (PASSED|FAILED|ERROR)/gm), ([, name = '', how]) => {
      return { name, code: how === 'PASSED' ? 0 : 1, text: '' }
    })
  } finally {
    rmSync(work, { recursive: true })
  }
}
