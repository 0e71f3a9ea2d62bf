import { LIVE_TOKEN } from '../../support/canary.ts'
import { startCli, type Ran, type Running } from './cli.ts'

export { LIVE_TOKEN }

/** `dockline serve` as a process. */
export interface LiveService {
  readonly running: Running
  /** `127.0.0.1:PORT` */
  readonly address: string
  /** As curl does. */
  readonly ask: (method: string, path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>
  /** Lines of the log so far. */
  readonly log: () => Readonly<Record<string, unknown>>[]
  /** SIGTERM, then its end. */
  readonly stop: () => Promise<Ran>
}

/** Starts the service on a free port of loopback and waits until it listens. */
export async function startService(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  under: readonly string[] = [],
): Promise<LiveService> {
  const running = startCli(['serve', '--listen', '127.0.0.1:0', ...args], { ADMIN_TOKEN: LIVE_TOKEN, ...env }, under)
  let text = ''
  const log = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const address = await new Promise<string>((resolve, reject) => {
    running.child.stderr?.on('data', (chunk: string) => {
      text += chunk
      const listening = text.includes('\n') ? log().find(({ msg }) => msg === 'listening') : undefined
      if (listening !== undefined) resolve(listening['address'] as string)
    })
    void running.ended.then(({ code, stderr }) => {
      reject(new Error(`dockline serve ended with ${code}: ${stderr}`))
      return undefined
    })
  })
  return {
    running,
    address,
    ask: (method, path, headers = {}) =>
      fetch(`http://${address}${path}`, { method, headers: { authorization: `Bearer ${LIVE_TOKEN}`, ...headers } }),
    log,
    stop: () => {
      running.child.kill('SIGTERM')
      return running.ended
    },
  }
}
