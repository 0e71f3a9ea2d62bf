// Every way of leaving a stream, and what must have happened then.
import type { Readable } from 'node:stream'

import type { Docker } from '../../lib/engine/connect.ts'

/** A stream that gives something and is silent then. */
export interface LeftStream {
  readonly iterate: () => AsyncIterator<unknown>
  /** Where it can be one. */
  readonly readable?: (() => Readable) | undefined
  /** What `using` ends. */
  readonly resource: Partial<AsyncDisposable> & Partial<Disposable>
}

/** Opens the stream; the signal ends it. */
export type Open = (docker: Docker, signal: AbortSignal) => LeftStream | Promise<LeftStream>

type Stream = AsyncIterable<unknown> & LeftStream['resource'] & { readable?: () => Readable }

/** A stream as it is, or through one of its methods. */
export function streamOf(stream: Stream, through?: () => AsyncIterator<unknown>): LeftStream {
  return {
    iterate: through ?? (() => stream[Symbol.asyncIterator]()),
    ...(through === undefined && stream.readable !== undefined
      ? { readable: () => stream.readable?.() as Readable }
      : {}),
    resource: stream,
  }
}

/** `leaving` is called at the moment of it. */
type Leave = (stream: LeftStream, controller: AbortController, leaving?: () => void) => Promise<void>

/** Each leaves a stream after its first item, most of them while the next one is waited for. */
export const WAYS: Readonly<Record<string, Leave>> = {
  break: async ({ iterate }, _, leaving) => {
    for await (const _item of { [Symbol.asyncIterator]: iterate }) {
      leaving?.()
      break
    }
  },
  'an error in the loop': async ({ iterate }, _, leaving) => {
    try {
      for await (const _item of { [Symbol.asyncIterator]: iterate }) {
        leaving?.()
        throw new Error('of the loop')
      }
    } catch {
      // it is what ends the loop
    }
  },
  'return() while it waits': async ({ iterate }, _, leaving) => {
    const iterator = iterate()
    await iterator.next()
    const waiting = iterator.next()
    leaving?.()
    await iterator.return?.()
    await waiting
  },
  'throw() while it waits': async ({ iterate }, _, leaving) => {
    const iterator = iterate()
    await iterator.next()
    const waiting = iterator.next()
    leaving?.()
    await iterator.throw?.(new Error('of the reader')).catch(() => {})
    await waiting
  },
  'an abort while it waits': async ({ iterate }, controller, leaving) => {
    const iterator = iterate()
    await iterator.next()
    const waiting = iterator.next()
    leaving?.()
    controller.abort()
    await waiting.catch(() => {})
  },
  'the end of using while it waits': async ({ iterate, resource }, _, leaving) => {
    const iterator = iterate()
    await iterator.next()
    const waiting = iterator.next()
    leaving?.()
    if (resource[Symbol.asyncDispose] !== undefined) await resource[Symbol.asyncDispose]?.()
    else resource[Symbol.dispose]?.()
    await waiting
  },
  'destroy() while it waits': async ({ iterate, readable }, _, leaving) => {
    const stream = readable?.()
    if (stream === undefined) {
      leaving?.()
      await iterate().return?.()
      return
    }
    const closed = new Promise((resolve) => stream.once('close', resolve))
    await new Promise((resolve) => stream.once('data', resolve))
    leaving?.()
    stream.destroy()
    await closed
  },
}
