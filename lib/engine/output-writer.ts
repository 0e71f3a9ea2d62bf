// Output on its way into Node streams.
import type { Writable } from 'node:stream'

import { AbortedError, messageOf } from '../base/errors.ts'
import type { Output } from '../stream/frames.ts'
import type { OutputTargets } from './output-stream.ts'

/** Writes output to its targets. Leaves it when a target fails or is closed, also while nothing comes. */
export async function writeAll(output: AsyncIterable<Output>, targets: OutputTargets): Promise<void> {
  const iterator = output[Symbol.asyncIterator]()
  let failure: AbortedError | undefined
  const leave = (cause?: unknown): void => {
    failure ??= gone(cause)
    iterator.return?.()?.catch(() => {})
  }
  const unwatch = watch(targets, leave)
  try {
    let step = iterator.next()
    for (;;) {
      const { done, value } = await step
      if (done === true || failure !== undefined) break
      const { stream, data } = value
      const target = stream === 'stdin' ? undefined : targets[stream]
      step = iterator.next()
      // One piece is read ahead, so that an abort is seen while a target takes nothing.
      if (target !== undefined) await Promise.race([write(target, data), failureOf(step)])
    }
  } catch (cause) {
    iterator.return?.()?.catch(() => {})
    throw failure ?? cause
  } finally {
    unwatch()
  }
  if (failure !== undefined) throw failure
}

function watch(targets: OutputTargets, leave: (cause?: unknown) => void): () => void {
  const closed = (): void => leave()
  const all = [targets.stdout, targets.stderr].filter((target) => target !== undefined)
  for (const target of all) {
    if (target.destroyed) leave(target.errored)
    target.on('error', leave).on('close', closed)
  }
  return () => {
    for (const target of all) target.off('error', leave).off('close', closed)
  }
}

function gone(cause: unknown): AbortedError {
  const why = cause instanceof Error ? `its target failed: ${messageOf(cause, 200)}` : 'its target was closed'
  return new AbortedError('ABORTED', `the output was left: ${why}`, cause instanceof Error ? { cause } : {})
}

// Settled by the callback and not by "drain", which never comes from a target that was destroyed.
function write(target: Writable, data: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    target.write(data, (error) => (error ? reject(gone(error)) : resolve()))
  })
}

function failureOf(step: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    step.catch(reject)
  })
}
