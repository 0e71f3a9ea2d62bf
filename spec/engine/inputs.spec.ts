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
  stats: ({ containers }, name) => containers.stats(name).next(),
  export: ({ containers }, name) => containers.export(name).bytes(),
  attach: ({ containers }, name) => containers.attach(name),
  archive: ({ containers }, name) => containers.archive(name, { path: '/' }).bytes(),
  putArchive: ({ containers }, name) => containers.putArchive(name, { path: '/' }, []),
  exec: ({ exec }, name) => exec.run(name, { Cmd: ['x'] }),
  execInspect: ({ exec }, name) => exec.inspect(name),
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
  const result = call(docker, name) as PromiseLike<unknown> // whatever it is, it is no throw
  const run = async (): Promise<unknown> => result
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

/** The same without a use: of a stream, too, the one who reads it is told. */
const LAZY: Readonly<Record<string, (docker: Docker) => unknown>> = {
  'logs of a bad name': ({ containers }) => containers.logs('../x'),
  'stats of a bad name': ({ containers }) => containers.stats('../x'),
  'archive of a bad name': ({ containers }) => containers.archive('../x', { path: '/' }),
  'export of a bad name': ({ containers }) => containers.export('../x'),
  'logs since no time': ({ containers }) => containers.logs('c', { since: 'yesterday' }),
  'events since no time': ({ system }) => system.events({ since: 'yesterday' }),
  'a pull of no reference': ({ images }) => images.pull('A B'),
  'a pull for no platform': ({ images }) => images.pull('a', { platform: '' }),
  'a push of no name': ({ images }) => images.push(''),
  'a save of no name': ({ images }) => images.save(''),
  'a save for no platform': ({ images }) => images.saveAll(['a'], { platform: 'x' }),
  'a load of no tar': ({ images }) => images.load(7 as never),
  'a build from no tar': ({ images }) => images.build({} as never),
  'a build for no platform': ({ images }) => images.build(undefined, { platform: 'x' }),
  'an import of no tar': ({ images }) => images.import(null as never),
  'logs of a bad service': ({ services }) => services.logs('../x'),
  'logs of a bad task': ({ tasks }) => tasks.logs('../x'),
  'a push of no plugin': ({ plugins }) => plugins.push(''),
  'an upgrade of no plugin': ({ plugins }) => plugins.upgrade('', [], { remote: 'r' }),
  'a wait for a bad name': ({ containers }) => containers.wait('../x'),
}
for (const [what, call] of Object.entries(LAZY)) {
  test(`${what} does not throw, and rejects where it is used`, async () => {
    const transport = recordingTransport()
    const docker = await connect({ host: 'unix:///nowhere', apiVersion: '1.52', transport: () => transport })
    const result = call(docker)
    await assert.rejects(used(result), (error) => hasCode(error, 'NAME_INVALID', 'INPUT_INVALID', 'REF_INVALID'))
    assert.deepEqual(transport.requests, [])
  })
}

async function used(result: unknown): Promise<void> {
  if (typeof (result as PromiseLike<unknown>).then === 'function') await (result as PromiseLike<unknown>)
  else for await (const _ of result as AsyncIterable<unknown>) return
}
