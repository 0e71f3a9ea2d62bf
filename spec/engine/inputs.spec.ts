import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { recordingTransport } from '../support/recording-transport.ts'

const BAD = [
  '',
  '.',
  '..',
  '../x',
  'a/b',
  '/a',
  '%2e%2e',
  'a%2Fb',
  'a?b',
  'a#b',
  'a\\b',
  'a b',
  'a\nb',
  'a\0b',
  'ä',
  'x'.repeat(4000),
]

/** Every call that puts a name or an id into a path, or gives one to a container. */
const CALLS: Readonly<Record<string, (docker: Docker, name: string) => unknown>> = {
  inspect: ({ containers }, name) => containers.inspect(name),
  create: ({ containers }, name) => containers.create({ Image: 'i' }, { name }),
  rename: ({ containers }, name) => containers.rename('c', name),
  start: ({ containers }, name) => containers.start(name),
  wait: ({ containers }, name) => containers.wait(name),
  remove: ({ containers }, name) => containers.remove(name),
  logs: ({ containers }, name) => containers.logs(name).text(),
  attach: ({ containers }, name) => containers.attach(name),
  archive: ({ containers }, name) => containers.archive(name, { path: '/' }).bytes(),
  putArchive: ({ containers }, name) => containers.putArchive(name, { path: '/' }, []),
  exec: ({ exec }, name) => exec.run(name, { Cmd: ['x'] }),
  execInspect: ({ exec }, name) => exec.inspect(name),
  network: ({ networks }, name) => networks.inspect(name),
  volume: ({ volumes }, name) => volumes.remove(name),
  node: ({ nodes }, name) => nodes.inspect(name),
  service: ({ services }, name) => services.logs(name).text(),
  task: ({ tasks }, name) => tasks.inspect(name),
  secret: ({ secrets }, name) => secrets.remove(name),
  config: ({ configs }, name) => configs.inspect(name),
}

/** Those that take an image's name, which has slashes. */
const IMAGE_CALLS: typeof CALLS = {
  inspect: ({ images }, name) => images.inspect(name),
  remove: ({ images }, name) => images.remove(name),
  tag: ({ images }, name) => images.tag(name, { repo: 'r' }),
  push: ({ images }, name) => images.push(name),
  save: ({ images }, name) => images.save(name).bytes(),
  plugin: ({ plugins }, name) => plugins.inspect(name),
  distribution: ({ distribution }, name) => distribution.inspect(name),
}

async function refuse(call: (docker: Docker, name: string) => unknown, name: string, what: string): Promise<void> {
  const transport = recordingTransport()
  const docker = await connect({ host: 'unix:///nowhere', apiVersion: '1.44', transport: () => transport })
  const run = async (): Promise<unknown> => call(docker, name)
  await assert.rejects(run(), (error) => hasCode(error, 'NAME_INVALID') && /: .+: .+/.test(error.message), what)
  assert.deepEqual(transport.requests, [])
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name}: a name that is none is refused with the rule before any byte leaves`, async () => {
    for (const bad of BAD) await refuse(call, bad, JSON.stringify(bad.slice(0, 20)))
  })
}

for (const [name, call] of Object.entries(IMAGE_CALLS)) {
  test(`image ${name}: a name that is none is refused with the rule before any byte leaves`, async () => {
    for (const bad of BAD.filter((text) => text !== 'a/b')) await refuse(call, bad, JSON.stringify(bad.slice(0, 20)))
    await refuse(call, 'a//b', 'a//b')
    await refuse(call, 'a/../b', 'a/../b')
  })
}
