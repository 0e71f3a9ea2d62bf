import { InputError } from '../base/errors.ts'
import type { Clock } from '../base/ports.ts'
import { systemClock } from '../base/system.ts'
import { parseHost } from '../wire/host.ts'
import { dripped, truncated } from './chaos-body.ts'
import { checkRules, parseSchedule, startSchedule, type ChaosAction, type ChaosRule } from './chaos-schedule.ts'
import { toEngine, type EngineReply } from './engine-line.ts'
import { serve } from './serve.ts'
import { jsonReply, untilLeft, type ServedReply, type ServedRequest } from './served.ts'

export interface ChaosProxyOptions {
  /** The engine behind: `unix:///path` or `tcp://host:port`. */
  readonly target: string
  /** Rules as text (see `parseSchedule`) or read already. Default: everything goes through. */
  readonly schedule?: string | readonly ChaosRule[] | undefined
  /** Path of the socket; default one in a new temporary directory. */
  readonly listen?: string | undefined
  /**
   * Called twice for every call: `before` anything of it goes to the engine, and `after` the head of the engine's reply
   * came, while nothing of it has gone to the program. Awaited; an error of it is thrown by `close()`. `cut` ends the
   * connection there: return it when the program is killed here, for the kernel may tell of its end too late.
   */
  readonly onCall?: ((n: number, call: ChaosCall, when: 'before' | 'after') => Hooked | Promise<Hooked>) | undefined
  /** What `run-before(NAME)` and `run-after(NAME)` do: kill the client, restart the engine, … They may return `cut` too. */
  readonly actions?: ChaosActions | undefined
  readonly clock?: Pick<Clock, 'sleep'> | undefined
}

type Hooked = void | 'cut'

export type ChaosActions = Readonly<Record<string, (call: ChaosCall) => Hooked | Promise<Hooked>>>

/** One call that came by. */
export interface ChaosCall {
  /** 1 for the first call of the proxy. */
  readonly n: number
  readonly method: string
  /** Without version prefix and query. */
  readonly path: string
  readonly query: string
  readonly verb: ChaosAction['verb']
  /** Status of the engine's reply; absent until it came, and when nothing was forwarded. */
  status?: number
}

export interface ChaosProxy extends AsyncDisposable {
  readonly socketPath: string
  /** `unix://…`, fit for `DOCKER_HOST`. */
  readonly host: string
  /** Every call so far, in the order in which they came. */
  readonly calls: readonly ChaosCall[]
  /** Cuts every connection. @throws the first error of `onCall` or of an action */
  close(): Promise<void>
}

/**
 * A proxy in front of an engine that makes calls fail on purpose.
 *
 * | verb | what happens |
 * | --- | --- |
 * | `off` | goes through |
 * | `delay(MS)` | goes through after a while |
 * | `hang` | is taken and never answered, nor forwarded |
 * | `reset-before` | the connection is cut, nothing is forwarded |
 * | `reset-after` | the engine does it and answers in full, then the connection is cut |
 * | `status-before(N)` | is answered with N, nothing is forwarded |
 * | `status-after(N)` | the engine does it, the answer is N |
 * | `truncate(N)` | the connection is cut after N bytes of the reply's body |
 * | `drip(N)` | the reply's body comes at N bytes per second |
 * | `dup` | the engine gets it twice, the second reply is passed on |
 * | `run-before(NAME)`, `run-after(NAME)` | one of `actions` runs before it is forwarded, or after the reply came |
 *
 * `reset-after`, `status-after` and `dup` read the engine's answer to its end before they act. Where the end waits for another
 * call (`POST /containers/{id}/wait` for the container's end, `/attach` and a log that is followed, `/events`) they wait with it: nothing is cut
 * before it has come. A program that does these calls one after the other waits for ever there; use `reset-before`, `truncate(N)`
 * or `onCall`. Of an upgraded connection only the head is waited for.
 *
 * An upgraded connection goes through; of the verbs that act on a body only `truncate` touches it.
 *
 * @throws InputError `INPUT_INVALID` for a target or schedule that cannot be read, or an action that is not given
 */
export async function chaosProxy(options: ChaosProxyOptions): Promise<ChaosProxy> {
  const target = parseHost(options.target, 'the target of the chaos proxy')
  const { schedule = [], clock = systemClock } = options
  const rules = typeof schedule === 'string' ? parseSchedule(schedule) : schedule
  if (typeof schedule !== 'string') checkRules(rules)
  const actionFor = startSchedule(rules)
  const actions = requireActions(rules, options.actions ?? {})
  const calls: ChaosCall[] = []
  const errors: unknown[] = []

  async function hooks(action: ChaosAction, call: ChaosCall, when: 'before' | 'after'): Promise<Hooked> {
    try {
      const first = await options.onCall?.(call.n, call, when)
      const second = action.verb === `run-${when}` && 'name' in action ? await actions[action.name]?.(call) : undefined
      return first ?? second
    } catch (error) {
      errors.push(error)
    }
  }

  async function handle(request: ServedRequest): Promise<ServedReply | undefined> {
    const { method, path, query } = request
    const action = actionFor(method, path)
    const call: ChaosCall = { n: calls.length + 1, method, path, query, verb: action.verb }
    calls.push(call)
    if ((await hooks(action, call, 'before')) === 'cut') return undefined
    if (request.signal.aborted) return undefined // the program did not live to send it
    if (action.verb === 'delay') await clock.sleep(action.ms, request.signal)
    if (action.verb === 'hang') await untilLeft(request.signal)
    if (action.verb === 'hang' || action.verb === 'reset-before') return undefined
    if (action.verb === 'status-before') return statusReply(action.status)
    if (action.verb === 'dup') await drain(await toEngine(target, request))
    const reply = await toEngine(target, request)
    call.status = reply.status
    if ((await hooks(action, call, 'after')) === 'cut') return undefined
    if (action.verb === 'reset-after' || action.verb === 'status-after') await drain(reply)
    if (action.verb === 'reset-after') return undefined
    if (action.verb === 'status-after') return statusReply(action.status)
    if (action.verb === 'truncate') return truncated(reply, action.bytes)
    return action.verb === 'drip' ? dripped(reply, action.bytesPerSecond, { clock, signal: request.signal }) : reply
  }

  const served = await serve(handle, options.listen)
  const close = async (): Promise<void> => {
    await served.close()
    if (errors.length > 0) throw errors.shift()
  }
  return { socketPath: served.socketPath, host: served.host, calls, close, [Symbol.asyncDispose]: close }
}

function requireActions(rules: readonly ChaosRule[], actions: ChaosActions): ChaosActions {
  for (const { action } of rules.flatMap((rule) => rule.terms)) {
    if ('name' in action && !Object.hasOwn(actions, action.name))
      throw new InputError('INPUT_INVALID', `the chaos schedule runs "${action.name}", which is not among the actions`)
  }
  return actions
}

function statusReply(status: number): ServedReply {
  return jsonReply(status, { message: `status ${status} of the chaos proxy` })
}

async function drain(reply: EngineReply): Promise<void> {
  reply.socket?.destroy()
  if (reply.socket !== undefined) return
  for await (const _ of reply.body) {
    // only its end matters
  }
}
