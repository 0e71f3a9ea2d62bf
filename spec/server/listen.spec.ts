import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { hasCode } from '../../lib/base/errors.ts'
import { listen } from '../../lib/server/listen.ts'
import { BEARER, listening, serviceWorld } from '../support/service.ts'

test('a unix socket is served to its group, and takes the place of one that a killed process left', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'listen-'))
  const socketPath = path.join(dir, 'admin.sock')
  try {
    const leave = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
    assert.throws(() => execFileSync(process.execPath, ['-e', leave], { stdio: 'ignore' }))
    assert.ok(statSync(socketPath).isSocket(), 'the dead one is there')

    const { service } = serviceWorld()
    await using listener = await listen(service, { kind: 'unix', path: socketPath })
    assert.equal(listener.address, `unix:${socketPath}`)
    assert.equal(statSync(socketPath).mode & 0o777, 0o660)
    const headers = { authorization: BEARER, host: 'localhost' }
    const [response] = (await once(request({ socketPath, path: '/admin/jobs', headers }).end(), 'response')) as [
      IncomingMessage,
    ]
    response.resume()
    assert.equal(response.statusCode, 200)

    const second = listen(service, { kind: 'unix', path: socketPath })
    await assert.rejects(second, (error) => hasCode(error, 'CONFIG_INVALID') && /EADDRINUSE/.test(error.message))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

test('a port that is taken is refused in words', async () => {
  const { listener, service } = await listening()
  try {
    const port = Number(listener.address.split(':')[1])
    await assert.rejects(
      listen(service, { kind: 'tcp', host: '127.0.0.1', port }),
      (error) => hasCode(error, 'CONFIG_INVALID') && error.message.includes(listener.address),
    )
  } finally {
    await listener.close()
  }
})
