import { fileURLToPath } from 'node:url'

import { runProgram, type Step } from './suite.ts'

const STEPS = fileURLToPath(new URL('testcontainers-steps.mjs', import.meta.url))

/** Runs the steps with the testcontainers that is installed in a folder. Its reaper is off: it would be pulled. */
export async function runTestcontainers(dir: string, host: string, image: string): Promise<Step[]> {
  const env = { PATH: process.env['PATH'], HOME: dir, DOCKER_HOST: host, TESTCONTAINERS_RYUK_DISABLED: 'true' }
  const { out } = await runProgram(process.execPath, [STEPS, dir, image], { env, timeout: 300_000 })
  return out
    .split('\n')
    .filter((line) => line.startsWith('{"name"'))
    .map((line) => JSON.parse(line) as Step)
}
