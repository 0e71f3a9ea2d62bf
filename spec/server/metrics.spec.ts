import assert from 'node:assert/strict'
import { channel } from 'node:diagnostics_channel'
import { test } from 'node:test'

import { withoutNames } from '../../lib/server/engine-metrics.ts'
import { RUNTIME_IMAGE } from '../support/refresh-world.ts'
import { REFRESH, serviceWorld } from '../support/service.ts'

test('metrics need a token, and count pulls, containers, requests, registries, engine calls and the watcher', async () => {
  const { ask, service, world } = serviceWorld()
  assert.equal((await ask('GET', '/metrics', { authorization: undefined })).status, 401)
  const before = await (await ask('GET', '/metrics')).text()
  assert.ok(!/^dockline_watch_/m.test(before), 'no lag without a watcher')
  world.registry.delete(RUNTIME_IMAGE('crewai'))
  world.stubborn.add('ws-1')
  await ask('POST', REFRESH)
  await ask('GET', '/admin/overview')
  service.looked(true)
  service.looked(false)
  const call = { id: 7, method: 'GET', path: `/containers/${'a'.repeat(64)}/json`, endpoint: 'unix:///x' }
  channel('dockline:request:start').publish(call)
  channel('dockline:request:end').publish(call)
  channel('dockline:request:start').publish({ ...call, id: 8 })
  channel('dockline:request:error').publish({ ...call, id: 8, code: 'NOT_FOUND' })
  const text = await (await ask('GET', '/metrics')).text()
  for (const line of [
    'dockline_pulls_total{target="hermes",outcome="updated"} 1',
    'dockline_pulls_total{target="crewai",outcome="failed"} 1',
    'dockline_replacements_total{outcome="failed"} 1',
    'dockline_refresh_duration_seconds_count{status="207"} 1',
    'dockline_refresh_running 0',
    'dockline_http_requests_total{route="/metrics",method="GET",status="401"} 1',
    'dockline_registry_requests_total{registry="ghcr.io",outcome="ok"} 7',
    'dockline_registry_requests_total{registry="ghcr.io",outcome="NOT_FOUND"} 1',
    'dockline_watch_failures 1',
    'dockline_engine_request_duration_seconds_count{operation="GET /containers/{id}/json",outcome="ok"} 1',
    'dockline_engine_request_duration_seconds_count{operation="GET /containers/{id}/json",outcome="NOT_FOUND"} 1',
  ])
    assert.ok(text.includes(`${line}\n`), `${line}\n${text}`)
  assert.match(text, /^dockline_watch_lag_seconds \d/m)
})

for (const [path, name] of [
  ['/containers/json', '/containers/json'],
  ['/containers/4f2a/json', '/containers/{id}/json'],
  ['/containers/4f2a', '/containers/{id}'],
  ['/images/ghcr.io/acme/x:latest/json', '/images/{id}/json'],
  ['/images/create', '/images/create'],
  ['/networks/a/connect', '/networks/{id}/connect'],
  ['/version', '/version'],
] as const)
  test(`${path} is counted as ${name}`, () => assert.equal(withoutNames(path), name))
