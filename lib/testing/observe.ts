import type { Duplex } from 'node:stream'

import type { EngineReply } from './engine-line.ts'
import type { Exchange } from './exchange-file.ts'
import type { HeaderValues, RawStep, Scrubber } from './scrub.ts'
import type { ServedReply, ServedRequest } from './served.ts'

/** One exchange while it goes by. */
export interface Observation {
  readonly request: ServedRequest
  /** The reply to be passed on; what is read of it is noted. */
  pass(reply: Promise<EngineReply>): Promise<ServedReply>
  /** Bytes of the answer so far. */
  bytes(): number
  /** All that was said, headers decoded, for secrets to be looked for in it. */
  texts(): string[]
  /** What went by, without secrets. */
  exchange(name: string, scrubber: Scrubber): Exchange
}

const CREDENTIALS: readonly string[] = ['x-registry-auth', 'x-registry-config']

/** Watches one exchange; of an answer at most `maxBytes` are kept. */
export function observe(request: ServedRequest, maxBytes: number): Observation {
  const chunks: Uint8Array[] = []
  const steps: RawStep[] = []
  let head: { status: number; headers: HeaderValues } = { status: 0, headers: {} }
  let bytes = 0
  let size = -1
  // A program may be gone, and its recorder closed, while an answer is under way.
  let end: 'open' | 'whole' | 'cut' = 'open'
  let upgraded = false

  const keep = (to: (chunk: Uint8Array) => void, chunk: Uint8Array): void => {
    bytes += chunk.length
    if (bytes <= maxBytes) to(chunk)
  }
  const broken = (): 'open' | 'cut' => (request.signal.aborted ? 'open' : 'cut')
  async function* body(reply: EngineReply): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of reply.body) {
        keep((chunk) => chunks.push(chunk), chunk)
        if (bytes === size) end = 'whole'
        yield chunk
      }
      end = 'whole'
    } catch (error) {
      end = broken()
      throw error
    }
  }
  const watch = (from: RawStep['from'], connection: Duplex): void => {
    connection.on('data', (chunk: Uint8Array) => keep((data) => steps.push({ from, data }), chunk))
    connection.on('end', () => steps.push({ from, data: undefined }))
  }

  return {
    request,
    bytes: () => bytes,
    pass: async (coming) => {
      const reply = await coming.catch((error: unknown) => {
        end = broken()
        throw error
      })
      head = { status: reply.status, headers: headersOf(reply) }
      // A program may leave as soon as it has the last byte, before the end of the answer is noticed here.
      size = hasBody(request.method, reply.status) ? Number(head.headers['content-length'] ?? -1) : 0
      if (size === 0) end = 'whole'
      const { socket } = reply
      if (socket === undefined) return { ...reply, body: body(reply) }
      end = 'whole'
      upgraded = true
      const join = (client: Duplex): void => {
        watch('client', client)
        watch('engine', socket)
        reply.upgraded?.(client)
      }
      return { ...reply, upgraded: join }
    },
    texts: () => [
      ...Array.from(new URLSearchParams(request.query), ([name, value]) => `${name}=${value}`),
      request.body.toString('utf8'),
      ...CREDENTIALS.map((name) => Buffer.from(String(request.headers[name] ?? ''), 'base64').toString('utf8')),
      Buffer.concat(chunks).toString('utf8'),
      ...(['client', 'engine'] as const).map((side) =>
        Buffer.concat(steps.flatMap(({ from, data }) => (from === side && data !== undefined ? [data] : []))).toString(
          'utf8',
        ),
      ),
    ],
    exchange: (name, scrubber) => {
      const response = scrubber.response(head.status, head.headers, chunks)
      return {
        name,
        request: scrubber.request(request.method, request.target, request.headers, request.body),
        response: end === 'open' ? { ...response, open: true } : response,
        ...(upgraded ? { upgrade: scrubber.upgrade(steps) } : {}),
        ...(end === 'cut' ? { fail: head.status === 0 ? 'reset' : { cutAfter: bytes } } : {}),
      }
    },
  }
}

function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}

function headersOf({ headers }: EngineReply): HeaderValues {
  const values: Record<string, string> = {}
  for (let i = 0; i < headers.length; i += 2) values[(headers[i] as string).toLowerCase()] = headers[i + 1] as string
  return values
}
