import { RefreshError, hasCode, isConflict, isDockerError, isUncertain, messageOf, printable } from '../base/errors.ts'
import type { Clock, Processes, Random } from '../base/ports.ts'
import { see, seeNamed, stateOf, type RefreshEngine, type Seen } from './container.ts'
import { gate } from './gate.ts'
import {
  HELPER_LABEL,
  HELPER_MAKER_LABEL,
  helperBody,
  helperName,
  isHelper,
  type HandOver,
  type Relief,
} from './helper.ts'
import { prepare } from './prepare.ts'
import type { Successor } from './successor/successor.ts'
import { sure } from './sure.ts'
import { whileUnderWay } from './under-way.ts'

export interface HandOverContext {
  readonly engine: RefreshEngine
  readonly clock: Clock
  readonly random: Random
  readonly processes: Processes
  readonly platform?: string | undefined
  readonly handOver: HandOver
}

/** What became of it. */
export type HandedOver =
  | { readonly outcome: 'skipped'; readonly reason: string; readonly helperId: string; readonly warnings: readonly [] }
  | {
      readonly outcome: 'skipped' | 'failed'
      readonly reason: string
      readonly code: RefreshError['code']
      readonly warnings: readonly []
    }

// Long enough for a program that is not there, or ends at once, to show.
const STABLE_FOR = 1000

/**
 * Hands the replacement of this process's own container over to a helper: a container of the new image that can reach the
 * engine as this one does, and that refreshes it by the ordinary protocol. Failures are in the result, nothing is thrown.
 */
export async function handOverSelf(
  context: HandOverContext,
  self: Seen,
  imageId: string,
  relief: Relief,
): Promise<HandedOver> {
  const op = context.random.id()
  const maker = await context.processes.self()
  return whileUnderWay(maker, op, () => handOver(context, self, imageId, relief, { op, maker }))
}

async function handOver(
  context: HandOverContext,
  self: Seen,
  imageId: string,
  relief: Relief,
  { op, maker }: { readonly op: string; readonly maker: string },
): Promise<HandedOver> {
  try {
    const labels = { [HELPER_LABEL]: op, [HELPER_MAKER_LABEL]: maker }
    const { plan } = await prepare(context.engine, self, imageId, new Map())
    const name = helperName(self.name)
    const helperId = await make(context, helperBody(plan, context.handOver(relief), labels), name, op)
    await begin(context, helperId, plan)
    return {
      outcome: 'skipped',
      reason: `handed over to ${name} (${helperId.slice(0, 12)})`,
      helperId,
      warnings: [],
    }
  } catch (error) {
    return {
      outcome: hasCode(error, 'BUSY', 'UNSUPPORTED') ? 'skipped' : 'failed',
      reason: messageOf(error),
      code: isDockerError(error) ? error.code : 'UNEXPECTED',
      warnings: [],
    }
  }
}

// What another process left under this name was taken away by the recovery before.
async function make(
  { engine, clock, platform }: HandOverContext,
  { body, platform: own }: Successor,
  name: string,
  op: string,
): Promise<string> {
  try {
    return (await engine.containers.create(body, { name, platform: own ?? platform })).Id
  } catch (error) {
    if (!isConflict(error) && !isUncertain(error)) throw cannot(`be made: ${messageOf(error)}`, error)
    for (let look = 0; look < 4; look++) {
      const seen = await seeNamed(engine, name)
      if (seen?.view.Config.Labels[HELPER_LABEL] === op) return seen.id
      if (seen !== undefined) throw new RefreshError('BUSY', taken(seen), { cause: error })
      await clock.sleep(300)
    }
    throw cannot(`be made: ${messageOf(error)}`, error)
  }
}

function taken(seen: Seen): string {
  return isHelper(seen)
    ? `handed over already, to ${seen.name}`
    : `a container that is no helper is called ${seen.name}`
}

async function begin(context: HandOverContext, id: string, { later }: Successor): Promise<void> {
  const { engine, clock } = context
  try {
    for (const { network, endpoint } of later)
      await sure(
        clock,
        () => engine.networks.connect(network, { Container: id, EndpointConfig: endpoint }),
        async () => (await see(engine, id))?.view.NetworkSettings.Networks[network] !== undefined,
      )
    await sure(
      clock,
      () => engine.containers.start(id),
      async () => {
        const seen = await see(engine, id)
        return seen === undefined || stateOf(seen) !== 'created'
      },
    )
    const verdict = await gate(context, id, { unhealthy: false, restarting: false }, { stableFor: STABLE_FOR })
    // One that is gone has done its work.
    if (verdict.passed || (await see(engine, id)) === undefined) return
    throw cannot(`work: ${verdict.reason}${await lastWords(engine, id)}`)
  } catch (error) {
    await engine.containers.remove(id, { force: true }).catch(() => {})
    throw isDockerError(error) && error.code === 'START_FAILED'
      ? error
      : cannot(`be started: ${messageOf(error)}`, error)
  }
}

function cannot(what: string, cause?: unknown): RefreshError {
  return new RefreshError('START_FAILED', `the helper cannot ${what}. Nothing was touched`, { cause })
}

/** The end of what a container wrote, for a message. */
export async function lastWords(engine: RefreshEngine, id: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const { data } of engine.containers.logs(id, { stdout: true, stderr: true, tail: 3 }))
      text += decoder.decode(data, { stream: true })
  } catch {
    return ''
  }
  return text.trim() === '' ? '' : `: ${printable(text.slice(-500))}`
}
