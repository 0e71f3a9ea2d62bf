import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { connect, type Docker } from '../../lib/engine/connect.ts'
import { httpDaemon } from '../support/daemon.ts'

// What plain JavaScript can do and TypeScript refuses. Each names the option that is wrong.
const CALLS: Readonly<Record<string, readonly [name: RegExp, call: (docker: Docker) => PromiseLike<unknown>]>> = {
  'a pull with auth: null': [/auth/, ({ images }) => images.pull('a', { auth: null as never })],
  "a pull with auth: 'x'": [/auth/, ({ images }) => images.pull('a', { auth: 'x' as never })],
  'a pull with half of a credential': [/auth/, ({ images }) => images.pull('a', { auth: { username: 'u' } as never })],
  'a push with auth: null': [/auth/, ({ images }) => images.push('a', { auth: null as never })],
  'a build with a registryConfig of texts': [
    /auth/,
    ({ images }) => images.build(undefined, { registryConfig: { 'a.b': 'x' } as never }),
  ],
  'a push with a number as platform': [/platform/, ({ images }) => images.push('a', { platform: 7 as never })],
  'a pull with null as platform': [/platform/, ({ images }) => images.pull('a', { platform: null as never })],
  'a list with a filter that is no list': [
    /"filters"/,
    ({ containers }) => containers.list({ filters: { name: 'x' } as never }),
  ],
  'an option that is null': [/"all"/, ({ containers }) => containers.list({ all: null as never })],
  'an option that is not a number': [/"limit"/, ({ containers }) => containers.list({ limit: Number.NaN })],
  'a signal in the place of an option': [
    /"signal"/,
    ({ containers }) => containers.list({ signal: new AbortController().signal } as never),
  ],
  'a signal that is none': [/"signal"/, ({ containers }) => containers.list({}, { signal: 'x' as never })],
  'the signal of dockerode': [
    /"abortSignal": write signal/,
    ({ containers }) => containers.list({}, { abortSignal: new AbortController().signal } as never),
  ],
  'a timeout that is a text': [/"timeout"/, ({ containers }) => containers.list({}, { timeout: '1' as never })],
  'a timeout below zero': [/"timeout"/, ({ containers }) => containers.list({}, { timeout: -1 })],
  'a timeout that is not a number': [
    /"timeout"/,
    ({ exec }) => exec.run('c', { Cmd: ['x'] }, {}, { timeout: Number.NaN }),
  ],
  'a timeout of a month': [/"timeout"/, ({ containers }) => containers.list({}, { timeout: 2 ** 31 })],
  'a stdin that is a number': [/stdin/, ({ exec }) => exec.run('c', { Cmd: ['x'] }, { stdin: 7 as never })],
}

for (const [what, [name, call]] of Object.entries(CALLS)) {
  test(`${what} is rejected by name`, async () => {
    await using daemon = await httpDaemon((request, response) => {
      if (request.url !== '/_ping') response.writeHead(404).end()
    })
    await using docker = await connect({ host: daemon.host })
    const result = (async () => call(docker))()
    const limit = new Promise((resolve) => setTimeout(resolve, 3000).unref())
    await assert.rejects(Promise.race([result, limit]), (error) => {
      assert.ok(hasCode(error, 'INPUT_INVALID'), String(error))
      assert.match(error.message, name)
      return true
    })
  })
}

const CONNECTS: Readonly<Record<string, readonly [options: unknown, message: RegExp]>> = {
  'the path of a socket': [{ socketPath: '/var/run/docker.sock' }, /"socketPath": write host: 'unix:\/\/\/path'/],
  'a host and a port apart': [{ host: 'tcp://a', port: 2375 }, /"port": write host: 'tcp:\/\/name:port'/],
  'a certificate beside tls': [{ ca: 'x' }, /"ca": write tls/],
  'a version': [{ version: 'v1.43' }, /"version": write apiVersion/],
  'a name that nobody knows': [{ hots: 'x' }, /"hots": there are host, context/],
  'rejectUnauthorized in tls': [
    { host: 'tcp://a', tls: { rejectUnauthorized: false } },
    /"rejectUnauthorized": write verify/,
  ],
  'a URL in place of options': ['unix:///x', /write connect\(\{ host: "unix:\/\/\/x" \}\)/],
  null: [null, /no object/],
  'a host that is null': [{ host: null }, /"host"/],
  'a timeout that is a text': [{ connectTimeout: '5' }, /"connectTimeout"/],
  'no connection at all': [{ connections: 0 }, /"connections"/],
  'a validation that there is not': [{ validate: 'loud' }, /"validate"/],
}

for (const [what, [options, message]] of Object.entries(CONNECTS)) {
  test(`connect refuses ${what}, and says what to write`, async () => {
    await assert.rejects(connect(options as never), (error) => {
      assert.ok(hasCode(error, 'INPUT_INVALID'), String(error))
      assert.match(error.message, message)
      return true
    })
  })
}
