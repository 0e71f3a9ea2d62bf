import type { Call } from './call.ts'
import { dispatch, type RawRequest } from './dispatch.ts'
import type { Fault, Faults } from './faults.ts'
import { Cut, json, type Reply, type ReplyBody } from './reply.ts'
import type { World } from './world.ts'

/** One request that the engine got. */
export interface LoggedCall {
  readonly n: number
  readonly method: string
  /** Without version prefix and query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Call['headers']
  readonly body: Uint8Array
  /** Absent while it is worked on, and for an answer that was lost. */
  status: number | undefined
}

/** Answers requests, whichever way they came; a thrown `Cut` is a connection that broke. */
export interface Core {
  handle(request: RawRequest): Promise<Reply>
  readonly calls: LoggedCall[]
  faults: Faults | undefined
}

export function createCore(world: World, faults: Faults | undefined): Core {
  const core: Core = {
    calls: [],
    faults,
    handle: async (request) => {
      const logged = log(core.calls.length + 1, request)
      core.calls.push(logged)
      const fault = core.faults?.({ n: logged.n, method: logged.method, path: logged.path })
      if (fault?.kind === 'before' && fault.action !== 'none') return finish(logged, broken(fault, undefined))
      if (fault?.kind === 'before') fault.run?.()
      if (fault?.kind === 'during') {
        // Up to its first wait it is done now; the rest nobody waits for.
        dispatch(world, request).catch(() => undefined)
        return finish(logged, broken(fault, undefined))
      }
      const reply = await dispatch(world, request)
      return finish(logged, fault?.kind === 'after' ? broken(fault, reply) : reply)
    },
  }
  return core
}

function log(n: number, { method, path, headers, body }: RawRequest): LoggedCall {
  const mark = path.indexOf('?')
  const bare = (mark < 0 ? path : path.slice(0, mark)).replace(/^\/v\d+\.\d+(?=\/)/, '')
  const query = new URLSearchParams(mark < 0 ? '' : path.slice(mark + 1))
  return { n, method, path: bare, query, headers, body, status: undefined }
}

function finish(logged: LoggedCall, reply: Reply): Reply {
  logged.status = reply.status
  return reply
}

function broken(fault: Fault, reply: Reply | undefined): Reply {
  fault.run?.()
  if (fault.action === 'none') return reply ?? json({ message: 'no reply' }, 500)
  if (fault.action === 'error') return json({ message: `injected failure ${fault.kind} the work` }, 500)
  if (fault.action === 'cut' && reply?.body !== undefined)
    return { ...reply, body: cutBody(reply.body, fault.chunks ?? 1) }
  throw new Cut('the connection broke')
}

function cutBody(body: ReplyBody, chunks: number): ReplyBody {
  if ('stream' in body) return { ...body, stream: cutStream(body.stream, chunks) }
  if ('hijack' in body) throw new Cut('the connection broke')
  const bytes = 'text' in body ? Buffer.from(body.text) : body.bytes
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  return { type: body.type, stream: cutStream([half], 1) }
}

async function* cutStream(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  chunks: number,
): AsyncGenerator<Uint8Array> {
  let sent = 0
  if (chunks > 0) {
    for await (const chunk of stream) {
      yield chunk
      if (++sent >= chunks) break
    }
  }
  throw new Cut('the stream broke')
}
