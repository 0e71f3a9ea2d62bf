import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createRegistryClient } from '../../../lib/registry/client.ts'
import { createTicks, type Tick } from '../../../lib/refresh/watch/tick.ts'
import { manualClock, modelEngine, type ModelImage } from '../../../lib/testing/model/index.ts'
import { imageContent } from '../../../lib/testing/registry/image.ts'
import { connect } from '../../../lib/engine/connect.ts'
import type { WatchPorts } from '../../../lib/refresh/watch/options.ts'
import { bearer, serveRegistry, type Captured, type ScriptedServer } from '../../support/registry-server.ts'

const TICKS = 20
const REFERENCES = 100
const INTERVAL = 5 * 60_000
// The tick at which the third registry has enough of us, and for how long.
const LIMITED_AT = 8
const LIMITED_FOR = 17 * 60

test('100 references on 3 registries for 20 ticks: one HEAD each and tick, tokens reused, 429 obeyed', async (t) => {
  const clock = manualClock()
  const made = new Map<string, ModelImage>()
  const images = (registry: number) =>
    Object.fromEntries(
      Array.from({ length: REFERENCES }, (_, i) => i)
        .filter((i) => i % 3 === registry)
        .map((i) => {
          const spec = { config: { Cmd: ['/serve'], Labels: { app: String(i) } } }
          made.set(`acme/app-${i}`, spec)
          const { bytes, digest, mediaType } = imageContent(spec).manifest
          return [`acme/app-${i}:latest`, { type: mediaType, body: bytes.toString(), digest }]
        }),
    )
  let limited = false
  const tokens = { challenge: bearer, token: tokenServer() }
  await using open = await serveRegistry({ images: images(0) })
  await using guarded = await serveRegistry({ images: images(1), ...tokens })
  await using scarce = await serveRegistry({
    images: images(2),
    first: () => (limited ? { status: 429, headers: { 'retry-after': String(LIMITED_FOR) } } : undefined),
  })
  const servers = [open, guarded, scarce]
  const refs = [...made].map(([name, spec]) => {
    const number = Number(name.slice('acme/app-'.length))
    return { ref: `${servers[number % 3]?.host}/${name}:latest`, number, spec }
  })
  const engine = modelEngine({
    images: Object.fromEntries(refs.map(({ ref, spec }) => [ref, spec])),
    containers: refs.map(({ ref, number }) => ({ name: `app-${number}`, Image: ref })),
    clock,
  })
  const docker = await connect({ host: 'unix:///model', transport: () => engine.transport() })
  const credentials = { resolve: async () => ({ auth: undefined, source: 'anonymous' }) }
  const random = { id: () => 'id', fraction: () => 0.5 }
  await using registry = createRegistryClient({ credentials, clock, random })
  const ports: WatchPorts = {
    engine: docker,
    credentials,
    clock,
    random,
    processes: { self: async () => 'spec', state: async () => 'unknown' },
    registry,
    log: { info: () => {}, warn: () => {} },
  }
  const ticks = createTicks(ports, { targets: [], selection: { all: true } })
  const heads: number[][] = []
  const seen: Tick[] = []
  for (let tick = 0; tick < TICKS; tick++) {
    limited = tick === LIMITED_AT
    const before = servers.map(({ requests }) => requests.length)
    seen.push(await ticks())
    const fresh = servers.map(({ requests }, i) => requests.slice(before[i]).filter(isHead))
    for (const requests of fresh) assert.equal(new Set(requests.map(({ path }) => path)).size, requests.length)
    heads.push(fresh.map((requests) => requests.length))
    await clock.advance(INTERVAL)
  }

  assert.equal(seen[0]?.images.length, REFERENCES)
  const whole = [34, 33, 33]
  for (const [tick, counts] of heads.entries()) {
    const quiet = tick > LIMITED_AT && tick * INTERVAL < LIMITED_AT * INTERVAL + LIMITED_FOR * 1000
    if (tick === LIMITED_AT)
      assert.ok((counts[2] ?? 9) <= 2, `${counts[2]}: whoever was under way hears it, nobody else asks`)
    else assert.deepEqual(counts, quiet ? [34, 33, 0] : whole, `tick ${tick}`)
  }
  assert.deepEqual(
    seen.filter((tick) => tick.images.some(({ code }) => code === 'RATE_LIMITED')).map((tick) => seen.indexOf(tick)),
    [LIMITED_AT, LIMITED_AT + 1, LIMITED_AT + 2, LIMITED_AT + 3],
  )
  assert.ok(seen.every(({ blind, report }) => !blind && report === undefined))
  const logins = guarded.requests.filter(({ path }) => path === '/token').length
  assert.equal(logins, 33 * 2, 'a token of an hour for each repository in 95 minutes')
  assert.deepEqual(
    engine.calls.filter(({ method }) => method === 'POST'),
    [],
  )
  t.diagnostic(`HEADs ${total(servers, isHead)}, GETs ${total(servers, isGet)}, of which tokens ${logins}`)
})

function tokenServer() {
  let count = 0
  return () => ({ body: JSON.stringify({ token: `token-${++count}`, expires_in: 3600 }) })
}

const isHead = ({ method }: Captured): boolean => method === 'HEAD'
const isGet = ({ method }: Captured): boolean => method === 'GET'

function total(servers: readonly ScriptedServer[], counts: (request: Captured) => boolean): number {
  return servers.reduce((sum, { requests }) => sum + requests.filter(counts).length, 0)
}
