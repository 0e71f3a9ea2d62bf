import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { Secret } from '../../lib/base/secret.ts'
import { MAX_SOCKETS } from '../../lib/server/sockets.ts'
import { rawConnection, sendRaw, statusesIn } from '../support/raw-connection.ts'
import { BEARER, listening } from '../support/service.ts'

/** Status of a valid call on a connection of its own. */
async function jobs(address: string): Promise<number> {
  const headers = `Host: 127.0.0.1\r\nAuthorization: ${BEARER}\r\nConnection: close\r\n`
  return statusesIn(await sendRaw(address, `GET /admin/jobs HTTP/1.1\r\n${headers}\r\n`))[0] ?? 0
}

test('200 connections that only sit there do not shut a caller out', async () => {
  const own = await listening()
  const idle = await Promise.all(Array.from({ length: 200 }, () => rawConnection(own.listener.address)))
  try {
    for (const { socket } of idle) socket.write('POST /admin HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
    assert.equal(await jobs(own.listener.address), 200)
    const late = await Promise.all(Array.from({ length: 200 }, () => rawConnection(own.listener.address)))
    idle.push(...late)
    assert.equal(await jobs(own.listener.address), 200)
    const closed = (): number => idle.filter(({ socket }) => socket.destroyed || socket.readyState === 'closed').length
    for (let tries = 0; tries < 250 && closed() < 400 - MAX_SOCKETS; tries++) await sleep(20)
    assert.ok(closed() >= 400 - MAX_SOCKETS, `only ${closed()} of 400 were closed`)
  } finally {
    for (const { socket } of idle) socket.destroy()
    await own.listener.close()
  }
})

test('300 connections that bring a body byte by byte do not shut a caller out', async () => {
  const own = await listening({ hooks: { ghcr: new Secret('hook-secret-0123456789') } })
  const slow = await Promise.all(Array.from({ length: 300 }, () => rawConnection(own.listener.address)))
  try {
    const begin = 'POST /hooks/ghcr HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8192\r\n\r\n'
    for (const { socket } of slow) socket.write(`${begin}x`)
    assert.equal(await jobs(own.listener.address), 200)
    const late = await Promise.all(Array.from({ length: 100 }, () => rawConnection(own.listener.address)))
    slow.push(...late)
    for (const { socket } of late) socket.write(`${begin}x`)
    assert.equal(await jobs(own.listener.address), 200)
  } finally {
    for (const { socket } of slow) socket.destroy()
    await own.listener.close()
  }
})
