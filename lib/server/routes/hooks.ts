import type { Hono } from 'hono'

import type { Clock } from '../../base/ports.ts'
import type { Secret } from '../../base/secret.ts'
import { readBody } from '../body.ts'
import { fail, json, type AppContext, type AppEnv } from '../context.ts'
import type { FailureLimit } from '../failure-limit.ts'
import { readDistribution } from '../hooks/distribution.ts'
import { readDockerHub } from '../hooks/dockerhub.ts'
import { readGhcr } from '../hooks/ghcr.ts'
import { fingerprint, isSecret, isSigned } from '../hooks/proof.ts'
import type { HookName, ReadDelivery } from '../hooks/release.ts'
import { createReplayGuard, type ReplayGuard } from '../hooks/replay.ts'
import type { Metrics } from '../metrics.ts'
import type { Releases } from '../releases.ts'
import { route } from './route.ts'

export interface HookRouteOptions {
  /** Hooks without a secret are not there. */
  readonly secrets: Partial<Record<HookName, Secret>>
  readonly releases: Releases
  readonly limit: FailureLimit
  readonly clock: Pick<Clock, 'now'>
  readonly metrics: Pick<Metrics, 'hook'>
}

interface Hook {
  readonly path: string
  readonly read: ReadDelivery
  /** Whether a request bears the secret, in the way that its sender can. */
  proves(c: AppContext, body: Uint8Array, secret: Secret): boolean
}

const HOOKS: Readonly<Record<HookName, Hook>> = {
  ghcr: {
    path: '/hooks/ghcr',
    read: readGhcr,
    proves: (c, body, secret) => isSigned(c.req.header('x-hub-signature-256'), body, secret),
  },
  // Docker Hub neither signs nor sends headers of one's own: its secret is in the path.
  dockerhub: {
    path: '/hooks/dockerhub/:secret',
    read: readDockerHub,
    proves: (c, _, secret) => isSecret(c.req.param('secret'), secret),
  },
  distribution: {
    path: '/hooks/distribution',
    read: readDistribution,
    proves: (c, _, secret) => isSecret(/^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1], secret),
  },
}

// A delivery of GitHub has 20 KiB and more.
const MAX_HOOK_BYTES = 256 << 10

/** `POST /hooks/ghcr`, `/hooks/dockerhub/{secret}`, `/hooks/distribution`: proved, mapped to our targets, answered at once. */
export function hookRoutes(app: Hono<AppEnv>, options: HookRouteOptions): void {
  const replays = createReplayGuard(options.clock)
  for (const [name, secret] of Object.entries(options.secrets) as [HookName, Secret][])
    route(app, 'POST', HOOKS[name].path, (c) => take(c, name, secret, options, replays))
}

async function take(
  c: AppContext,
  name: HookName,
  secret: Secret,
  { releases, limit, metrics }: HookRouteOptions,
  replays: ReplayGuard,
): Promise<Response> {
  const refuse = (status: number, error: string, headers?: Record<string, string>): Response => {
    metrics.hook(name, 'refused')
    return fail(c, status, { error }, headers)
  }
  const address = c.env?.address ?? 'unknown'
  const wait = limit.wait(address)
  if (wait > 0) return refuse(429, 'too many failed attempts from this address', { 'Retry-After': String(wait) })
  const body = await readBody(c.req.raw, MAX_HOOK_BYTES)
  if (body === undefined) return refuse(413, `a webhook may have ${MAX_HOOK_BYTES} bytes`)
  const hook = HOOKS[name]
  if (!hook.proves(c, body, secret)) {
    limit.failed(address)
    return refuse(401, 'the webhook is not proved')
  }
  // GitHub's first event, and those of other kinds, need not look like a package.
  const kind = c.req.header('x-github-event')
  if (name === 'ghcr' && kind !== 'package' && kind !== 'registry_package') return accepted(c, [])
  const delivery = hook.read(parse(body))
  if (delivery === undefined) return refuse(400, 'the body is not a webhook of this registry')
  const labels = [...new Set(delivery.releases.flatMap(({ reference }) => releases.targetsOf(reference)))]
  const judged = labels.length === 0 ? 'ignored' : replays.judge(fingerprint(body), delivery.at)
  if (judged === 'late') return refuse(400, 'the webhook is not of the last hour')
  metrics.hook(name, judged === 'new' ? 'accepted' : judged)
  if (judged !== 'new') return accepted(c, [])
  releases.announce(labels, `hook:${name}`, c.get('requestId'))
  return accepted(c, labels)
}

function accepted(c: AppContext, labels: readonly string[]): Response {
  return json(c, 202, { accepted: labels })
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
