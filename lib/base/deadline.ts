/** A signal that fires when the time is over, or with another one. Dispose it when the work is done. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
}

/** Unlike `AbortSignal.timeout` it keeps the process until then: what waits for nothing else would never hear of it. */
export function startDeadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError')), ms)
  const signal = outer === undefined ? controller.signal : AbortSignal.any([outer, controller.signal])
  return { signal, [Symbol.dispose]: () => clearTimeout(timer) }
}
