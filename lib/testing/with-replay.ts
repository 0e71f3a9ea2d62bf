import { connect, type ConnectOptions, type Docker } from '../engine/connect.ts'
import type { Exchange } from './exchange-file.ts'
import { replay, type ReplayOptions, type ReplaySource } from './replay.ts'

export interface WithReplayOptions extends ReplayOptions {
  /** For the client: how strict it is, which API version it speaks. Default version: the recorded one, without asking. */
  readonly connect?: Omit<ConnectOptions, 'host'> | undefined
}

/**
 * A test against recorded traffic, for node:test and others like it:
 *
 * ```ts
 * test('lists what runs', withReplay('fixtures/engine/docker-28.5-1.51/container-list.json', async (docker) => {
 *   assert.equal((await docker.containers.list()).length, 1)
 * }))
 * ```
 *
 * The test fails when it asked for something that was not recorded, and when it did not ask for everything that was.
 */
export function withReplay(
  source: ReplaySource,
  run: (docker: Docker) => Promise<void>,
  options: WithReplayOptions = {},
): () => Promise<void> {
  return async () => {
    await using served = await replay(source, options)
    const apiVersion = recordedVersion(served.exchanges)
    await using docker = await connect({ apiVersion, ...options.connect, host: served.host })
    await run(docker)
    served.verify()
  }
}

// With a recorded `_ping` the client is to negotiate, as the recorded program did.
function recordedVersion(exchanges: readonly Exchange[]): string | undefined {
  if (exchanges.some(({ request }) => request.path === '/_ping')) return undefined
  return exchanges
    .map(({ request }) => /^\/v(\d+\.\d+)\//.exec(request.path)?.[1])
    .find((version) => version !== undefined)
}
