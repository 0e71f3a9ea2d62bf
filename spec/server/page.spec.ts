import assert from 'node:assert/strict'
import { test } from 'node:test'

import { REFRESH, serviceWorld } from '../support/service.ts'

test('the page has no data without the token, and a policy without inline script', async () => {
  const { ask } = serviceWorld()
  const response = await ask('GET', '/', { authorization: undefined })
  assert.equal(response.status, 200)
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/)
  assert.ok(!policy.includes('unsafe'))
  const text = await response.text()
  assert.ok(!/ws-1|hermes/.test(text))
  assert.ok(!/<script>|<style>| on[a-z]+=| style=/.test(text), 'nothing inline')
  for (const path of ['/page.js', '/page.css'])
    assert.equal((await ask('GET', path, { authorization: undefined })).status, 200)
  assert.equal((await ask('GET', '/admin/overview', { authorization: undefined, accept: 'text/html' })).status, 401)
})

test('a link from another site leads to the page, but to nothing else', async () => {
  const link = { authorization: undefined, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  assert.equal((await serviceWorld().ask('GET', '/', link)).status, 200)
  assert.equal((await serviceWorld().ask('GET', '/admin/jobs', link)).status, 401)
})

test('the page itself may ask: its own origin is let in', async () => {
  const own = { host: '127.0.0.1:8787', origin: 'http://127.0.0.1:8787', 'sec-fetch-site': 'same-origin' }
  assert.equal((await serviceWorld().ask('POST', `${REFRESH}?dryRun=true`, own)).status, 200)
})

test('whatever an engine or a registry says is text and never markup', async () => {
  const evil = '<img src=x onerror=alert(1)>'
  const { ask, world } = serviceWorld({
    registry: {
      digest: async () => {
        throw Object.assign(new Error(evil), { brand: 'dockline', code: 'NOT_FOUND' })
      },
    },
  })
  world.containers.set('ws-2', {
    name: `ws-${evil}`,
    image: 'ghcr.io/molecule-ai/workspace-template-hermes:latest',
    imageId: 'x',
  })
  const response = await ask('GET', '/admin/overview', { accept: 'text/html' })
  const text = await response.text()
  assert.equal(response.status, 200)
  assert.ok(text.includes('&lt;img'), text)
  assert.ok(!text.includes('<img'))
})

test('healthz is empty, says 503 when the engine is away, and asks it once for many', async () => {
  let asked = 0
  let away = false
  const ping = async (): Promise<void> => {
    asked++
    if (away) throw new Error('away')
  }
  const { ask } = serviceWorld({ ping })
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => ask('GET', '/healthz', { authorization: undefined })),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.equal(await answers[0]?.text(), '')
  assert.equal(asked, 1)
  away = true
  const sick = serviceWorld({ ping })
  const response = await sick.ask('GET', '/healthz', { authorization: undefined })
  assert.deepEqual([response.status, await response.text()], [503, ''])
})
