import { AbortedError, StreamError, printable } from '../base/errors.ts'
import { isObject } from '../base/json.ts'
import type { ProgressMessage } from '../stream/progress.ts'
import type { Reading } from '../wire/call.ts'

export { emptyProgress, reduceProgress, type PullProgress } from '../stream/progress.ts'

/** How a progress stream is opened and what it comes to. */
export interface ProgressSource<Outcome> {
  /** Called before anything is sent; the signal fires when the reader leaves, and at the deadline. */
  prepare?(signal: AbortSignal | undefined): Promise<void>
  /** Opens the stream for the given reading; called once. */
  open(reading: Reading<ProgressMessage>): AsyncIterable<ProgressMessage>
  /** Told of every message that reports no failure. */
  note?(message: ProgressMessage): void
  /** Turns an error of the stream itself into the one that is thrown. */
  refused?(error: unknown): unknown
  /** Called after a stream that ended cleanly and reported no failure. */
  finish(messages: Readonly<LastMessages>, signal: AbortSignal | undefined): Promise<Outcome>
  /** Turns the engine's words inside the stream into an error. */
  failure(words: string): Error
}

/** What is kept of a stream: enough to tell how it ended. */
export interface LastMessages {
  /** Text behind the last `Digest: `. */
  digest: string | undefined
  /** Text behind the last `Status: `: dockerd's word that a pull is whole. */
  final: string | undefined
  /** The very last line. */
  message: ProgressMessage
  /** The last `aux`. */
  aux: unknown
  /** Lines in all. */
  count: number
}

/**
 * A pull, push, load or build on its way. Await it for the outcome, or loop over it for the progress and await it then;
 * leaving the loop, `close()` or `await using` cancels it. Nothing is sent before one or the other.
 *
 * An engine that fails after the first byte says so in a line of a stream with status 200; such a line is an error here,
 * whichever way the stream is used.
 */
export class ProgressStream<Outcome> implements PromiseLike<Outcome>, AsyncIterable<ProgressMessage>, AsyncDisposable {
  readonly #source: ProgressSource<Outcome>
  readonly #outcome: Promise<Outcome>
  #settle!: Settle<Outcome>
  #messages: AsyncIterator<ProgressMessage> | undefined
  #started = false

  /** One that fails before anything is sent. */
  static failed<Outcome>(error: unknown): ProgressStream<Outcome> {
    return new ProgressStream<Outcome>({
      open: (reading) => failing(() => reading.fail?.(error)),
      failure: streamFailure,
      finish: async () => {
        throw error
      },
    })
  }

  constructor(source: ProgressSource<Outcome>) {
    this.#source = source
    this.#outcome = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#outcome.catch(() => {}) // a loop over the stream throws the same error
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting the stream is its main use
  then<A = Outcome, B = never>(
    onDone?: ((outcome: Outcome) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#started) void this.#drain()
    return this.#outcome.then(onDone, onError)
  }

  /** As of a promise: what to do when it fails. */
  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<Outcome | B> {
    return this.then(null, onError)
  }

  [Symbol.asyncIterator](): AsyncIterator<ProgressMessage, undefined, undefined> {
    if (this.#started) throw new AbortedError('ABORTED', 'this stream has been read already: start the operation anew')
    this.#started = true
    const messages = this.#source.open(watch(this.#source, this.#settle))[Symbol.asyncIterator]()
    this.#messages = messages
    return {
      next: () => messages.next(),
      return: async () => {
        this.close()
        return { done: true, value: undefined }
      },
      throw: async (error) => {
        this.close()
        throw error
      },
    }
  }

  /** Closes the connection at once, which cancels the operation. After the end it does nothing. */
  close(): void {
    this.#started = true
    this.#settle.reject(new AbortedError('ABORTED', 'the reader left the stream, which cancels the operation'))
    this.#messages?.return?.()?.catch(() => {}) // nobody waits for what it has to say
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }

  async #drain(): Promise<void> {
    try {
      for await (const _ of this) {
        // the outcome tells
      }
    } catch (error) {
      this.#settle.reject(error) // also what was thrown before anything was sent
    }
  }
}

// oxlint-disable-next-line require-yield -- it fails before that
async function* failing(errorOf: () => unknown): AsyncGenerator<never, never, undefined> {
  throw errorOf()
}

interface Settle<Outcome> {
  resolve(outcome: Outcome): void
  reject(error: unknown): void
}

// The messages are looked at when they are decoded, before the reader gets them: there are hundreds of thousands of them.
function watch<Outcome>(source: ProgressSource<Outcome>, settle: Settle<Outcome>): Reading<ProgressMessage> {
  const last: LastMessages = { digest: undefined, final: undefined, message: {}, aux: undefined, count: 0 }
  const own = new WeakSet<Error>()
  return {
    begin: async ({ signal }) => source.prepare?.(signal),
    each: (message) => {
      if (!isObject(message)) return undefined // a line that is no message says nothing
      const words = failureWords(message)
      if (words !== undefined) {
        const failure = source.failure(words)
        own.add(failure)
        throw failure
      }
      note(last, message)
      source.note?.(message)
      return message
    },
    end: async ({ signal }) => {
      try {
        settle.resolve(await source.finish(last, signal))
      } catch (error) {
        if (error instanceof Error) own.add(error)
        throw error
      }
    },
    fail: (error) => {
      const thrown = own.has(error as Error) ? error : (source.refused?.(error) ?? error)
      settle.reject(thrown)
      return thrown
    },
  }
}

// `errorDetail` since ever, `error` deprecated by API 1.48: either may come alone.
function failureWords(message: ProgressMessage): string | undefined {
  const detail = message.errorDetail?.message
  if (typeof detail === 'string' && detail !== '') return printable(detail, 4096)
  if (typeof message.error === 'string' && message.error !== '') return printable(message.error, 4096)
  return message.errorDetail === undefined || message.errorDetail === null ? undefined : 'no reason given'
}

function note(last: LastMessages, message: ProgressMessage): void {
  last.count++
  if (message.aux !== undefined) last.aux = message.aux
  last.message = message
  const { status } = message
  if (typeof status !== 'string') return
  if (status.startsWith('Digest: ')) last.digest = status.slice('Digest: '.length)
  if (status.startsWith('Status: ')) last.final = status.slice('Status: '.length)
}

/** The failure of a stream that has no codes of its own. */
export function streamFailure(words: string): StreamError {
  return new StreamError('STREAM_FAILED', `the engine reported a failure inside the stream: ${words}`, { words })
}
