import type { Clock } from '../base/ports.ts'
import type { Followed } from './event-log.ts'
import type { Job } from './job.ts'
import { within } from './within.ts'

/** Ways to tell of a job while it runs. */
export type StreamFormat = 'sse' | 'ndjson'

export const STREAM_TYPES: Readonly<Record<StreamFormat, string>> = {
  sse: 'text/event-stream',
  ndjson: 'application/x-ndjson',
}

/** The stream that an `Accept` header asks for, or none. */
export function streamFormat(accept: string | undefined): StreamFormat | undefined {
  const types = new Set((accept ?? '').split(',').map((part) => part.split(';', 1)[0]?.trim().toLowerCase()))
  if (types.has(STREAM_TYPES.sse)) return 'sse'
  return types.has(STREAM_TYPES.ndjson) ? 'ndjson' : undefined
}

/** The number in a `Last-Event-ID` header; 0 for none. */
export function lastEventId(header: string | undefined): number {
  return /^\d{1,9}$/.test(header ?? '') ? Number(header) : 0
}

export interface JobStreamOptions {
  readonly format: StreamFormat
  /** Number of the last event that the reader has. */
  readonly after: number
  readonly clock: Pick<Clock, 'sleep'>
  /** Called when the reader leaves before the end. */
  readonly onLeave?: (() => void) | undefined
}

// Proxies cut a connection on which nothing comes for a minute.
const ALIVE_INTERVAL = 15_000

/** The events of a job as they come, and its record in the end. The reader's pace is its own. */
export function streamJob(job: Job, { format, after, clock, onLeave }: JobStreamOptions): ReadableStream<Uint8Array> {
  const left = new AbortController()
  const events = job.events.follow(after, left.signal)
  const writer = WRITERS[format]
  let pending: Promise<IteratorResult<Followed, void>> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pending ??= events.next()
        const next = await within(pending, ALIVE_INTERVAL, clock)
        if (next === undefined) return controller.enqueue(Buffer.from(writer.alive))
        pending = undefined
        if (next.done !== true) return controller.enqueue(Buffer.from(writer.event(next.value)))
        controller.enqueue(Buffer.from(writer.result(job)))
        controller.close()
      },
      cancel() {
        left.abort()
        onLeave?.()
      },
    },
    { highWaterMark: 1 },
  )
}

interface Writer {
  readonly alive: string
  event(followed: Followed): string
  result(job: Job): string
}

const WRITERS: Readonly<Record<StreamFormat, Writer>> = {
  sse: {
    alive: ': alive\n\n',
    event: (followed) => {
      const { type, ...data } = content(followed)
      return `id: ${followed.id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
    },
    result: (job) => `event: result\ndata: ${JSON.stringify({ job: job.record() })}\n\n`,
  },
  ndjson: {
    alive: '\n',
    event: (followed) => `${JSON.stringify({ seq: followed.id, ...content(followed) })}\n`,
    result: (job) => `${JSON.stringify({ type: 'result', job: job.record() })}\n`,
  },
}

function content(followed: Followed): { readonly type: string; readonly count?: number } {
  return 'event' in followed ? followed.event : { type: 'missed', count: followed.missed }
}
