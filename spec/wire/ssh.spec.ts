import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'

import { hasCode, isUnreachable, type ErrorCode } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { SshConnection, sshCommand } from '../../lib/wire/ssh.ts'
import { httpDaemon, onRequest, rawDaemon } from '../support/daemon.ts'
import { fakeSsh } from '../support/fake-ssh.ts'
import { until } from '../support/until.ts'

const box = { kind: 'ssh', host: 'box', source: 'the spec' } as const

test('the command is that of the docker CLI, without a terminal or a question', () => {
  const plain = '-o BatchMode=yes -T -o ConnectTimeout=30 -- box docker system dial-stdio'
  assert.deepEqual(sshCommand(box, 30_000), plain.split(' '))
  const all = '-o BatchMode=yes -T -l me -p 2222 -- box docker --host=unix:///run/d.sock system dial-stdio'
  assert.deepEqual(sshCommand({ ...box, user: 'me', port: 2222, socketPath: '/run/d.sock' }, 0), all.split(' '))
})

test('calls go through ssh, over a connection that is used again', async () => {
  await using daemon = await httpDaemon((request, response) => {
    if (request.url !== '/_ping') response.setHeader('Content-Type', 'application/json').end('[]')
  })
  await using ssh = await fakeSsh(daemon.socketPath)
  await using docker = await connect({ host: 'ssh://me@box:2222', env: ssh.env })
  assert.equal((await docker.ping()).apiVersion, '1.41')
  assert.deepEqual(await docker.containers.list(), [])
  assert.deepEqual(daemon.seen, ['GET /_ping', 'GET /_ping', 'GET /v1.41/containers/json'])
  const calls = await ssh.calls()
  assert.equal(calls.length, 1)
  assert.deepEqual(calls[0]?.slice(-4), ['box', 'docker', 'system', 'dial-stdio'])
})

test('no child is left when the client is closed', async () => {
  await using daemon = await httpDaemon(() => {})
  await using ssh = await fakeSsh(daemon.socketPath)
  const docker = await connect({ host: 'ssh://box', env: ssh.env })
  await docker.ping()
  await docker.close()
  await until('the connection is closed', () => daemon.open.size === 0)
  await until('the child is gone', () => !process.getActiveResourcesInfo().includes('ProcessWrap'))
})

test('a raw connection is both ways, with a half-close', async () => {
  await using daemon = await rawDaemon((socket) => {
    onRequest(socket, () => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nglued,')
      socket.on('data', (chunk: Buffer) => socket.write(`echo ${chunk.toString()},`))
      socket.on('end', () => socket.end('bye'))
    })
  })
  await using ssh = await fakeSsh(daemon.socketPath)
  const socket = new SshConnection(box, 5000, ssh.env)
  socket.write('POST /attach HTTP/1.1\r\n\r\n')
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.endsWith('glued,')) socket.end('hello')
  })
  await once(socket, 'end')
  assert.match(text, /\r\n\r\nglued,echo hello,bye$/)
})

const failures: readonly [script: string, code: ErrorCode, message: RegExp][] = [
  ['echo "me@box: Permission denied (publickey)." >&2; exit 255', 'ENGINE_PERMISSION', /publickey.*ssh-agent/],
  ['echo "Host key verification failed." >&2; exit 255', 'ENGINE_UNREACHABLE', /accept the key/],
  ['echo "ssh: Could not resolve hostname box: x" >&2; exit 255', 'ENGINE_UNREACHABLE', /resolve hostname.*by hand/],
  ['echo "ssh: connect to host box port 22: Connection refused" >&2; exit 255', 'ENGINE_UNREACHABLE', /refused/],
  ['echo "kex_exchange_identification: read: reset" >&2; exit 255', 'ENGINE_UNREACHABLE', /kex_exchange/],
  ['echo "sh: docker: not found" >&2; exit 127', 'ENGINE_UNREACHABLE', /Install the docker CLI/],
  [
    'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1',
    'ENGINE_PERMISSION',
    /group/,
  ],
  ['echo "client_loop: send disconnect: Broken pipe" >&2; exit 255', 'CONNECTION_LOST', /not known/],
  ['exit 3', 'CONNECTION_LOST', /ssh ended with 3/],
  ['kill -9 $$', 'CONNECTION_LOST', /ssh ended with a signal/],
]
for (const [script, code, message] of failures) {
  test(`of ssh, \`${script}\` is ${code}, in its own words`, async () => {
    await using ssh = await fakeSsh('', script)
    await using docker = await connect({ host: 'ssh://box', env: ssh.env })
    await assert.rejects(docker.ping(), (error) => {
      assert.ok(hasCode(error, code), String(error))
      assert.match(error.message, message)
      assert.match(error.message, /ssh:\/\/box/)
      return true
    })
  })
}

test('an engine over there that is not running says so', async () => {
  await using ssh = await fakeSsh('/nowhere/docker.sock')
  await using docker = await connect({ host: 'ssh://box', env: ssh.env })
  await assert.rejects(docker.ping(), (error) => isUnreachable(error) && /ENOENT.*Start the engine/.test(error.message))
})

test('without an ssh client the message says so', async () => {
  await using docker = await connect({ host: 'ssh://box', env: { PATH: '/nowhere' } })
  await assert.rejects(
    docker.ping(),
    (error) => isUnreachable(error) && /no ssh on the PATH.*Install/.test(error.message),
  )
})

test('50 calls that are given up at some point leave no descriptor and no child', async () => {
  await using daemon = await httpDaemon((_, response) => void response.write('{'))
  await using ssh = await fakeSsh(daemon.socketPath, `exec cat > /dev/null`)
  const before = readdirSync('/proc/self/fd').length
  const docker = await connect({ host: 'ssh://box', env: ssh.env, connections: 50 })
  const calls = Array.from({ length: 50 }, (_, i) => docker.ping({ signal: AbortSignal.timeout(1 + (i % 25) * 4) }))
  const results = await Promise.allSettled(calls)
  assert.ok(results.every(({ status }) => status === 'rejected'))
  await docker.close()
  await until('descriptors are back', () => readdirSync('/proc/self/fd').length <= before)
  await until('the children are gone', () => !process.getActiveResourcesInfo().includes('ProcessWrap'))
})
