import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'

const ENGINE = `
const [path] = process.argv.slice(1)
require('node:http').createServer({ keepAliveTimeout: 60000 }, (_, response) => response.end('ok'))
  .listen(path, () => require('node:fs').writeFileSync(path + '.up', ''))`

/** An engine in a process of its own, started and waited for without giving the event loop a turn. */
export function startEngineBlocking(socketPath: string): ChildProcess {
  for (const path of [socketPath, `${socketPath}.up`]) rmSync(path, { force: true })
  const child = spawn(process.execPath, ['-e', ENGINE, socketPath], { stdio: 'ignore' })
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let i = 0; i < 1000 && !existsSync(`${socketPath}.up`); i++) Atomics.wait(clock, 0, 0, 10)
  return child
}
