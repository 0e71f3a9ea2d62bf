// 17 steps with testcontainers for Node, as a test of an application makes them. Run by testcontainers.ts:
// node testcontainers-steps.mjs FOLDER IMAGE; prints a line of JSON for each step.
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'

const [folder, IMAGE, isReplay] = process.argv.slice(2)
const { GenericContainer, Network, Wait, getContainerRuntimeClient } = createRequire(join(folder, 'package.json'))(
  'testcontainers',
)

const SCRIPT = "trap 'exit 0' TERM; echo ready; while :; do sleep 1; done"
const open = []
let failed = false

async function step(name, run) {
  try {
    const text = await run()
    console.log(JSON.stringify({ name, code: 0, text: String(text ?? '') }))
  } catch (error) {
    failed = true
    console.log(JSON.stringify({ name, code: 1, text: String(error?.message ?? error).slice(0, 300) }))
  }
}

const base = () =>
  new GenericContainer(IMAGE).withCommand(['sh', '-c', SCRIPT]).withWaitStrategy(Wait.forLogMessage('ready'))
const started = async (container) => {
  const running = await container.withStartupTimeout(15_000).start()
  open.push(running)
  return running
}
let web, network

await step('find the runtime', async () => Boolean(await getContainerRuntimeClient()))
await step('start, wait for a line of the log', async () => {
  web = await started(base().withEnvironment({ A: '1', B: '2' }).withLabels({ suite: 'tc' }))
})
await step('its name and host', () => `${web.getName().startsWith('/')} ${web.getHost()}`)
await step('exec', async () => JSON.stringify(await web.exec(['echo', 'hi'])))
await step('exec that fails', async () => (await web.exec(['sh', '-c', 'exit 4'])).exitCode)
await step('exec with an environment', async () =>
  (await web.exec(['sh', '-c', 'echo $Q'], { env: { Q: 'q' } })).output.trim(),
)
await step('its own environment', async () => (await web.exec(['sh', '-c', 'echo $A$B'])).output.trim())
await step('copy content into it', async () => {
  await web.copyContentToContainer([{ content: 'text', target: '/tmp/file' }])
  return (await web.exec(['cat', '/tmp/file'])).output
})
await step('copy an archive from it', async () => {
  let bytes = 0
  for await (const chunk of await web.copyArchiveFromContainer('/tmp/file')) bytes += chunk.length
  return bytes > 0
})
await step('its log', async () => {
  for await (const line of await web.logs()) return String(line).trim()
  throw new Error('it has none')
})
await step('restart', async () => {
  await web.restart({ timeout: 2000 })
})
await step('a network of its own', async () => {
  network = await new Network().start()
})
await step('a container in it with an alias', async () => {
  const db = await started(base().withNetwork(network).withNetworkAliases('db', 'store'))
  return db.getNetworkNames().length
})
await step('wait for a command that succeeds', async () => {
  await started(base().withWaitStrategy(Wait.forSuccessfulCommand('test -d /tmp')))
})
await step('wait for a health check', async () => {
  await started(
    base()
      .withHealthCheck({ test: ['CMD', 'true'], interval: 500, timeout: 2000, retries: 3, startPeriod: 0 })
      .withWaitStrategy(Wait.forHealthCheck()),
  )
})
// A replay binds no ports.
if (isReplay === undefined)
  await step('wait for a port, and connect to it', async () => {
    const served = await started(
      new GenericContainer(IMAGE).withCommand(['httpd', '-f', '-p', '8080']).withExposedPorts(8080),
    )
    await new Promise((resolve, reject) => {
      const socket = connect(served.getMappedPort(8080), served.getHost()).on('error', reject)
      socket.on('connect', () => {
        socket.destroy()
        resolve()
      })
    })
  })
await step('stop all of it', async () => {
  for (const container of open.toReversed()) await container.stop({ timeout: 2000 })
  await network?.stop()
})
process.exit(failed && isReplay !== undefined ? 1 : 0)
