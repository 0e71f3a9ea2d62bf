import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

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
const WIDE: BrowserContextOptions = { viewport: { width: 1100, height: 800 } }
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }

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
async function withPage(options: BrowserContextOptions, run: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options)
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
const shot = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true })

test('a wrong token shows nothing but that it is wrong', () =>
  withPage(WIDE, async (page) => {
    await enter(page, 'not-the-token-0123456789')
    await status(page, /not known here/)
    assert.ok(!(await page.content()).includes(PREFIX))
    assert.equal(await page.locator('#token').inputValue(), '')
    assert.equal(
      await page.evaluate(
        () => (globalThis as never as { document: { activeElement: { id: string } } }).document.activeElement.id,
      ),
      'token',
    )
    await shot(page, 'wrong-token')
  }))

test('a plan, by keyboard: which containers run what, and what a refresh would do', async () => {
  await release('v2')
  await pull()
  await withPage(WIDE, async (page) => {
    await enter(page, LIVE_TOKEN)
    await page.getByText('A refresh would move 3 of 3 containers.').waitFor()
    await page.locator('#plan').focus()
    await page.keyboard.press('Enter')
    await status(page, /A refresh would move server-page/)
    for (const name of NAMES) {
      await page.locator('#status').filter({ hasText: name }).waitFor()
      await page.getByRole('rowheader', { name }).waitFor()
    }
    await shot(page, 'plan')
  })
  assert.deepEqual(await versions(), ['v1', 'v1', 'v1'])
})

test('a refresh: its progress is seen while it runs, and its result in the end', async () => {
  await withPage(WIDE, async (page) => {
    await enter(page, LIVE_TOKEN)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await status(page, /A refresh is running/)
    await page.locator('#events').getByText('gate').first().waitFor()
    await shot(page, 'running')
    assert.ok(await page.getByRole('button', { name: 'Refresh now' }).isDisabled())
    await status(page, /The refresh is done\. Moved/)
    await page.getByText('3 containers, all current.').waitFor()
    assert.ok(await page.locator('#live').isHidden())
  })
  assert.deepEqual(await versions(), ['v2', 'v2', 'v2'])
})

test('a roll back, on a phone in the dark: the reason and the downtime are there', async () => {
  await release('v3', ['/bin/false'])
  await withPage(PHONE, async (page) => {
    await enter(page, LIVE_TOKEN)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await status(page, /ended with problems: .* rolled-back/)
    await page.locator('#last + p').getByText('part failed').waitFor()
    const row = page.locator('.results li').filter({ hasText: 'rolled-back' })
    assert.match(await row.innerText(), /s down, .*exit code 1/)
    const overflow = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = (
        globalThis as never as { document: { documentElement: { scrollWidth: number; clientWidth: number } } }
      ).document.documentElement
      return scrollWidth - clientWidth
    })
    assert.equal(overflow, 0, 'nothing runs out of a narrow screen')
    await shot(page, 'rolled-back')
  })
  assert.deepEqual(await versions(), ['v2', 'v2', 'v2'])
})

test('a page that is opened while a refresh runs follows it, and a forgotten token leaves nothing', async (t) => {
  await release('v4')
  assert.equal((await service.ask('POST', '/admin/workspace-images/refresh?wait=false')).status, 202)
  await withPage(WIDE, async (page) => {
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
