import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import type { Metrics } from './metrics.ts'

/** The part of what the wire publishes that is counted. */
interface EngineMessage {
  readonly id: number
  readonly method: string
  readonly path: string
  readonly code?: string | undefined
}

/** Measures every Engine call of this process, until it is disposed of. */
export function measureEngine(metrics: Pick<Metrics, 'engineRequest'>, monotonic: () => number): Disposable {
  const begun = new Map<number, number>()
  const start = (message: unknown): void => void begun.set((message as EngineMessage).id, monotonic())
  const finish = (message: unknown): void => {
    const { id, method, path, code } = message as EngineMessage
    const at = begun.get(id)
    if (at === undefined) return
    begun.delete(id)
    metrics.engineRequest(`${method} ${withoutNames(path)}`, code ?? 'ok', (monotonic() - at) / 1000)
  }
  const channels: readonly (readonly [string, (message: unknown) => void])[] = [
    ['dockline:request:start', start],
    ['dockline:request:end', finish],
    ['dockline:request:error', finish],
  ]
  for (const [name, listener] of channels) subscribe(name, listener)
  return {
    [Symbol.dispose]: () => {
      for (const [name, listener] of channels) unsubscribe(name, listener)
    },
  }
}

const COLLECTIONS = /^\/[a-z]+\/(?:json|create|prune|search|load|get)$/

/** `/containers/{id}/json` for `/containers/4f…/json`: names and ids would make a time series each. */
export function withoutNames(path: string): string {
  if (COLLECTIONS.test(path)) return path
  const [, kind = '', ...rest] = path.split('/')
  if (rest.length === 0) return `/${kind}`
  const verb = rest.length > 1 ? `/${rest.at(-1)}` : ''
  return `/${kind}/{id}${verb}`
}
