import { TimeoutError } from '../base/errors.ts'
import { checkedCall } from './call-options.ts'
import type { CallOptions, Operation } from './operation.ts'

/** An operation whose signal also fires at its deadline, until it is disposed of. */
export interface Deadline extends Disposable {
  readonly operation: Operation
}

/** The options of one call for the several requests that it is made of. */
export interface CallDeadline extends Disposable {
  readonly call: CallOptions
}

/** Applies `timeout`, the deadline of the whole call, to the operation's signal. */
export function withDeadline(operation: Operation): Deadline {
  const { method, path } = operation
  const deadline = deadlineOf(operation.call, `${method} ${path}`, { method, path })
  // A caller's own deadline is not undercut by that of the operation.
  const patience = operation.call?.timeout === undefined ? operation.patience : 0
  return {
    operation: { ...operation, patience, call: deadline.call },
    [Symbol.dispose]: () => deadline[Symbol.dispose](),
  }
}

/** Makes `timeout` one deadline of all requests of a call together, until it is disposed of. `what` names the call. */
export function deadlineOf(
  call: CallOptions = {},
  what: string,
  place: { readonly method?: string; readonly path?: string } = {},
): CallDeadline {
  const { timeout, ...rest } = checkedCall(call)
  if (timeout === undefined || timeout === 0) return { call: rest, [Symbol.dispose]: () => {} }
  const controller = new AbortController()
  const late = `${what} took longer than ${timeout} ms; whether it took effect is not known`
  const timer = setTimeout(() => controller.abort(new TimeoutError('TIMEOUT', late, place)), timeout)
  const signal = rest.signal === undefined ? controller.signal : AbortSignal.any([rest.signal, controller.signal])
  return { call: { ...rest, signal }, [Symbol.dispose]: () => clearTimeout(timer) }
}

/** An operation whose signal also fires when its reader has left. */
export function untilLeft(operation: Operation, left: AbortSignal): Operation {
  const { call } = operation
  const signal = call?.signal === undefined ? left : AbortSignal.any([call.signal, left])
  return { ...operation, call: { ...call, signal } }
}
