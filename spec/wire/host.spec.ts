import assert from 'node:assert/strict'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { parseHost } from '../../lib/wire/host.ts'

const source = 'DOCKER_HOST'
const tls = { ca: 'CA' }

const read: readonly [text: string, endpoint: object][] = [
  ['unix:///var/run/docker.sock', { kind: 'unix', socketPath: '/var/run/docker.sock' }],
  ['unix:///tmp/a b/ä.sock', { kind: 'unix', socketPath: '/tmp/a b/ä.sock' }],
  ['npipe:////./pipe/docker_engine', { kind: 'npipe', pipePath: '\\\\.\\pipe\\docker_engine' }],
  ['tcp://127.0.0.1:2375', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
  ['127.0.0.1:2375', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
  [':2375', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
  ['tcp://:2375', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
  ['[::1]:2375', { kind: 'tcp', host: '[::1]', port: 2375 }],
  ['tcp://[fe80::1%eth0]:2375', { kind: 'tcp', host: '[fe80::1%eth0]', port: 2375 }],
  ['tcp://[fe80::1%25eth0]:2375', { kind: 'tcp', host: '[fe80::1%eth0]', port: 2375 }],
  ['tcp://127.0.0.1:2375/', { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
  ['tcp://engine', { kind: 'tcp', host: 'engine', port: 2375 }],
  ['tcp://engine:80', { kind: 'tcp', host: 'engine', port: 80 }],
  ['tcp://[::1]:2375', { kind: 'tcp', host: '[::1]', port: 2375 }],
  ['tcp://[fe80::1]', { kind: 'tcp', host: '[fe80::1]', port: 2375 }],
  ['http://engine', { kind: 'tcp', host: 'engine', port: 80 }],
  ['http://engine:2375', { kind: 'tcp', host: 'engine', port: 2375 }],
  ['https://engine', { kind: 'tcp', host: 'engine', port: 443, tls: {} }],
  ['ssh://box', { kind: 'ssh', host: 'box' }],
  ['ssh://me@box:2222', { kind: 'ssh', host: 'box', user: 'me', port: 2222 }],
  ['ssh://me@[::1]:22', { kind: 'ssh', host: '::1', user: 'me', port: 22 }],
  ['ssh://box/', { kind: 'ssh', host: 'box' }],
  ['ssh://box/run/user/1000/docker.sock', { kind: 'ssh', host: 'box', socketPath: '/run/user/1000/docker.sock' }],
]
for (const [text, endpoint] of read) {
  test(`${text} is read`, () => {
    assert.deepEqual(parseHost(text, source), { ...endpoint, source })
  })
}

test('with TLS material tcp:// and https:// are secure, tcp:// at another usual port, and http:// stays plain', () => {
  assert.deepEqual(parseHost('tcp://engine', source, tls), { kind: 'tcp', host: 'engine', port: 2376, tls, source })
  assert.deepEqual(parseHost('tcp://engine:1', source, tls), { kind: 'tcp', host: 'engine', port: 1, tls, source })
  assert.deepEqual(parseHost('https://engine', source, tls), { kind: 'tcp', host: 'engine', port: 443, tls, source })
  assert.deepEqual(parseHost('http://engine', source, tls), { kind: 'tcp', host: 'engine', port: 80, source })
})

const refused: readonly [text: string, cure: RegExp][] = [
  ['/var/run/docker.sock', /write unix:\/\/\/var\/run\/docker\.sock/],
  ['docker.sock', /for instance unix:\/\/\/var\/run\/docker\.sock/],
  ['unix://', /absolute path/],
  ['unix://docker.sock', /absolute path/],
  ['unix://./docker.sock', /absolute path/],
  ['unix:///a\0b', /absolute path/],
  ['http+unix:///var/run/docker.sock', /scheme must be unix/],
  ['fd://', /scheme must be unix/],
  ['file:///var/run/docker.sock', /scheme must be unix/],
  ['tcp://', /host:port/],
  ['tcp://host:port', /host:port/],
  ['tcp://host:0', /host:port/],
  ['tcp://host:99999', /host:port/],
  ['tcp://::1:2375', /host:port/],
  ['tcp://user:hunter2@host:1', /a user/],
  ['tcp://host:1/path', /behind the port/],
  ['tcp://host:1?x=1', /behind the port/],
  ['npipe://docker_engine', /npipe:\/\/\/\/\.\/pipe/],
  ['ssh://', /ssh:\/\/ and/],
  ['ssh://-oProxyCommand=evil', /ssh:\/\/ and/],
  ['ssh://me@-oProxyCommand=evil', /ssh:\/\/ and/],
  ['ssh://-l@box', /user/],
  ['ssh://a b@box', /user/],
  ['ssh://me:hunter2@box', /no password/],
  ['ssh://box;reboot', /ssh:\/\/ and/],
  ['ssh://box:22x', /ssh:\/\/ and/],
  ['ssh://box/$(reboot)', /path of a socket/],
  ['ssh://box/a;reboot', /path of a socket/],
  ['ssh://box?x', /ssh:\/\/ and/],
]
for (const [text, cure] of refused) {
  test(`${JSON.stringify(text)} is refused, and the message says what to write`, () => {
    assert.throws(
      () => parseHost(text, source),
      (error) =>
        hasCode(error, 'INPUT_INVALID') && error.message.startsWith('DOCKER_HOST is ') && cure.test(error.message),
    )
  })
}
