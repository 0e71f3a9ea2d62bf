import { TimeoutError } from '../base/errors.ts'
import type { Operation } from './operation.ts'

/** An operation whose signal also fires at its deadline, until it is disposed of. */
export interface Deadline extends Disposable {
  readonly operation: Operation
}

/** Applies `timeout`, the deadline of the whole call, to the operation's signal. */
export function withDeadline(operation: Operation): Deadline {
  const { call } = operation
  if (call?.timeout === undefined || call.timeout === 0) return { operation, [Symbol.dispose]: () => {} }
  const { timeout } = call
  const { method, path } = operation
  const controller = new AbortController()
  const late = `${method} ${path} took longer than ${timeout} ms; whether it took effect is not known`
  const timer = setTimeout(() => controller.abort(new TimeoutError('TIMEOUT', late, { method, path })), timeout)
  const signal = call.signal === undefined ? controller.signal : AbortSignal.any([call.signal, controller.signal])
  return { operation: { ...operation, call: { ...call, signal } }, [Symbol.dispose]: () => clearTimeout(timer) }
}

/** An operation whose signal also fires when its reader has left. */
export function untilLeft(operation: Operation, left: AbortSignal): Operation {
  const { call } = operation
  const signal = call?.signal === undefined ? left : AbortSignal.any([call.signal, left])
  return { ...operation, call: { ...call, signal } }
}
