import assert from 'node:assert/strict'
import { test } from 'node:test'

import { RUNTIME_IMAGE, imageIdOf } from '../support/refresh-world.ts'
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
  const { page, world } = pageWorld()
  world.registry.delete(RUNTIME_IMAGE('crewai'))
  world.refusal = evil
  world.containers.set('ws-2', { name: `ws-${evil}`, image: RUNTIME_IMAGE('hermes'), imageId: 'x' })
  const text = await page()
  assert.equal(text.split('&lt;img').length - 1, 2, 'of the engine and of the registry')
  assert.ok(!text.includes('<img'))
})

/** What stands in the rows of the page's tables and lists, without markup. */
function pageWorld(): ReturnType<typeof serviceWorld> & { page: () => Promise<string>; rows: () => Promise<string[]> } {
  const made = serviceWorld()
  const page = async (): Promise<string> => (await made.ask('GET', '/admin/overview', { accept: 'text/html' })).text()
  const rows = async (): Promise<string[]> =>
    [...(await page()).matchAll(/<(?:tr|li|p)\b.*?<\/(?:tr|li|p)>/gs)].map(([row]) =>
      row
        .replace(/<wbr \/>/g, '')
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    )
  return { ...made, page, rows }
}

test('the page says what runs on which image, what the registry has, and what a refresh would do', async () => {
  const { page, rows, world } = pageWorld()
  const [before, after] = ['hermes-old', 'hermes-new'].map((name) => imageIdOf(name).slice(7, 19))
  world.registry.set(RUNTIME_IMAGE('openclaw'), imageIdOf('openclaw-old'))
  world.registry.delete(RUNTIME_IMAGE('crewai'))
  assert.match(await page(), /data-summary="A refresh would move 1 of 1 container\."/)
  const seen = await rows()
  for (const row of [
    `ws-1 ${RUNTIME_IMAGE('hermes')} ${before} to be removed`,
    `hermes ${RUNTIME_IMAGE('hermes')} ${before} newer ${after}`,
    `openclaw ${RUNTIME_IMAGE('openclaw')} 6f70656e636c the same 6f70656e636c`,
    `crewai ${RUNTIME_IMAGE('crewai')} 637265776169 unknown not in the registry`,
    'None since this service started.',
  ])
    assert.ok(seen.includes(row), `${row}\n${seen.join('\n')}`)
})

test('the page says what came of the last refresh, why and how long it took down, and of those before', async () => {
  const { ask, rows, world } = pageWorld()
  world.stubborn.add('ws-1')
  await ask('POST', `${REFRESH}?runtime=hermes`)
  assert.ok((await rows()).some((row) => /^ws-1 failed .*cannot stop ws-1/.test(row)))
  world.stubborn.clear()
  await ask('POST', `${REFRESH}?runtime=hermes`)
  await ask('POST', `${REFRESH}?runtime=crewai`)
  const seen = await rows()
  const results = seen.filter((row) => /asked for by ci/.test(row)).map((row) => row.split(' 20')[0])
  assert.deepEqual(results, ['all well', 'all well', 'part failed'])
  assert.ok(seen.some((row) => row.startsWith('ws-1 removed')))
})

test('the page says how the watcher does', async () => {
  const { rows, service } = pageWorld()
  const line = async (): Promise<string | undefined> => (await rows()).find((row) => row.includes('watcher'))
  assert.equal(await line(), undefined)
  service.looked(false)
  assert.equal(await line(), 'The watcher failed 1 time in a row. It has not seen all of them yet.')
  service.looked(true)
  assert.match((await line()) ?? '', /^The watcher follows them\. All was well at .* UTC\.$/)
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

test('healthz says 503 while the watcher fails again and again, also when it was started anew', async () => {
  const { ask, service } = serviceWorld({ ping: async () => {} })
  const health = async (): Promise<number> => (await ask('GET', '/healthz', { authorization: undefined })).status
  const statuses: number[] = [await health()]
  for (const isWell of [false, false, false, true]) {
    service.looked(isWell)
    statuses.push(await health())
  }
  assert.deepEqual(statuses, [200, 200, 200, 503, 200])
})
