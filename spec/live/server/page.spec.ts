import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'

import type { Browser, Page } from 'playwright-core'

import type { Docker } from '../../../lib/engine/connect.ts'
import { startBrowser } from '../support/browser.ts'
import { dockerConfig } from '../support/cli.ts'
import { hostOf, liveEngine, removeContainers, removeImages } from '../support/engine.ts'
import { FOREVER, pushImage } from '../support/image.ts'
import { startRegistry, type LiveRegistry } from '../support/registry.ts'
import { LIVE_TOKEN, startService, type LiveService } from '../support/service.ts'

const PREFIX = 'server-page-'
// Engines remember by its id which image was rolled back, so every run has images of its own.
const RUN = randomUUID()
const NAMES = ['1', '2', '3'].map((n) => PREFIX + n)
// Looked at by people; named in the report of the run.
const SHOTS = path.join(tmpdir(), 'dockline-page')
const SIZES = { wide: { width: 1100, height: 800 }, phone: { width: 390, height: 844 } }
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

let docker: Docker
let registry: LiveRegistry
let image: string
let login: ReturnType<typeof dockerConfig>
let service: LiveService
let browser: Browser

const release = (version: string, Cmd: readonly string[] = FOREVER): Promise<string> =>
  pushImage(registry, 'acme/paged', 'latest', { Cmd, Labels: { version, run: RUN } })
const pull = () => docker.images.pull(image, { auth: { username: registry.user, password: registry.password } })
const versions = (): Promise<string[]> =>
  Promise.all(NAMES.map(async (name) => (await docker.containers.inspect(name)).Config.Labels['version'] ?? ''))

before(async () => {
  browser = await startBrowser()
  docker = await liveEngine()
  registry = await startRegistry()
  image = `${registry.host}/acme/paged:latest`
  login = dockerConfig(registry, registry.password)
  mkdirSync(SHOTS, { recursive: true })
  await removeContainers(docker, PREFIX)
  await release('v1')
  await pull()
  for (const name of NAMES) {
    await docker.containers.create({ Image: image }, { name })
    await docker.containers.start(name)
  }
  const env = { DOCKER_HOST: hostOf(docker), DOCKER_CONFIG: login.dir }
  service = await startService(['--image', image, '--name-prefix', PREFIX, '--stable-for', '2'], env)
})

after(async () => {
  await service.stop()
  await removeContainers(docker, PREFIX)
  await removeImages(docker, RUN)
  login[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await docker.close()
  await browser.close()
})

/** Opens the page, runs, and fails on anything that the browser complains about. */
async function withPage(run: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: SIZES.wide })
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // The browser itself notes each answer that is an error; the page handles these.
      if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
        complaints.push(message.text())
    })
    await page.goto(`http://${service.address}/`)
    await run(page)
    assert.deepEqual(complaints, [])
    assert.deepEqual(await context.cookies(), [])
    assert.equal(await page.evaluate(() => Object.keys(globalThis['localStorage' as never] as object).length), 0)
  } finally {
    await context.close()
  }
}

/** By keyboard alone: the token field has the focus. */
async function enter(page: Page, token: string): Promise<void> {
  await page.keyboard.type(token)
  await page.keyboard.press('Enter')
}

const status = (page: Page, pattern: RegExp): Promise<void> =>
  page.locator('#status').filter({ hasText: pattern }).waitFor({ timeout: 60_000 })
const row = (page: Page, name: string): Promise<string> =>
  page
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name }) })
    .innerText()

/** Takes the page wide and narrow, light and dark. Nothing may run out of it. */
async function shots(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    assert.equal(await page.evaluate(OVERFLOW), 0, `${name}: something runs out of a ${size} screen`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: path.join(SHOTS, `${name}-${size}-${colorScheme}.png`), fullPage: true })
    }
  }
  await page.setViewportSize(SIZES.wide)
}

test('a wrong token shows nothing but that it is wrong', () =>
  withPage(async (page) => {
    await enter(page, 'not-the-token-0123456789')
    await status(page, /not known here/)
    assert.ok(!(await page.content()).includes(PREFIX))
    assert.equal(await page.locator('#token').inputValue(), '')
    assert.equal(await page.evaluate('document.activeElement.id'), 'token')
    await shots(page, 'wrong-token')
  }))

test('a plan, by keyboard: which containers run what, and what a refresh would do', async () => {
  await release('v2')
  await pull()
  await withPage(async (page) => {
    await enter(page, LIVE_TOKEN)
    await status(page, /A refresh would move 3 of 3 containers/)
    assert.equal(await page.evaluate('document.activeElement.id'), 'plan', 'the next key is for a button')
    await release('v3')
    await page.keyboard.press('Enter')
    await page.getByText('newer').waitFor()
    await status(page, /A refresh would move 3 of 3 containers/)
    const runs = (await docker.containers.inspect(NAMES[0] as string)).Image.slice(7, 19)
    for (const name of NAMES) assert.match(await row(page, name), new RegExp(`${runs}\\s+to be replaced`))
    await shots(page, 'plan')
  })
  assert.deepEqual(await versions(), ['v1', 'v1', 'v1'])
})

test('a refresh: its progress is seen while it runs, and its result in the end', async () => {
  await withPage(async (page) => {
    await enter(page, LIVE_TOKEN)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await status(page, /A refresh is running/)
    await page.locator('#events').getByText('gate').first().waitFor()
    assert.ok(await page.getByRole('button', { name: 'Refresh now' }).isDisabled())
    await shots(page, 'running')
    await status(page, /The refresh is done\. Moved/)
    for (const name of NAMES) assert.match(await row(page, name), /current/)
    assert.equal(await page.locator('.results li', { hasText: /replaced \d+\.\d s down/ }).count(), 3)
    assert.ok(await page.locator('#live').isHidden())
    await shots(page, 'done')
  })
  assert.deepEqual(await versions(), ['v3', 'v3', 'v3'])
})

test('a roll back: the reason and the downtime are there', async () => {
  await release('v4', ['/bin/false'])
  await withPage(async (page) => {
    await enter(page, LIVE_TOKEN)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await status(page, /ended with problems: .* rolled-back/)
    await page.locator('#last + p').getByText('part failed').waitFor()
    const back = page.locator('.results li').filter({ hasText: 'rolled-back' })
    assert.match(await back.innerText(), /s down, .*exit code 1/)
    await page.getByText('1 earlier refresh').click()
    await shots(page, 'rolled-back')
  })
  assert.deepEqual(await versions(), ['v3', 'v3', 'v3'])
})

test('a page that is opened while a refresh runs follows it, and a forgotten token leaves nothing', async (t) => {
  await release('v5')
  assert.equal((await service.ask('POST', '/admin/workspace-images/refresh?wait=false')).status, 202)
  await withPage(async (page) => {
    await enter(page, LIVE_TOKEN)
    await page.locator('#live').waitFor()
    await status(page, /The refresh is done/)
    await page.getByRole('button', { name: 'Forget token' }).click()
    assert.ok(!(await page.content()).includes(PREFIX))
    await page.reload()
    assert.ok(!(await page.content()).includes(PREFIX))
  })
  t.diagnostic(`screenshots are in ${SHOTS}`)
})
