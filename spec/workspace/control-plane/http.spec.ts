import assert from 'node:assert/strict'
import { test } from 'node:test'

import { controlPlaneHttp } from '../../../lib/workspace/control-plane/http.ts'
import { controlPlane, text } from '../../support/control-plane.ts'

const GET = { method: 'GET' as const, path: '/cp/x', headers: {}, maxBytes: 100 }

test('a redirect is an answer: no header with a secret goes to another place', async () => {
  await using plane = await controlPlane()
  await using other = await controlPlane()
  plane.script = (_, response) => {
    response.writeHead(307, { location: `${other.url}/stolen` }).end()
    return true
  }
  const http = controlPlaneHttp(plane.url)
  const reply = await http.send({ ...GET, headers: { 'X-Molecule-Admin-Token': 'canary' } })
  assert.equal(reply.status, 307)
  assert.deepEqual(other.requests, [])
  await http.close()
})

test('a body is read to its limit and no further, however long it is', async () => {
  await using plane = await controlPlane()
  let open = true
  plane.script = (_, response) => {
    response.writeHead(200)
    const pour = (): void => {
      if (!open) return
      while (response.write('x'.repeat(10_000)));
      response.once('drain', pour)
    }
    response.on('close', () => (open = false))
    pour()
    return true
  }
  const http = controlPlaneHttp(plane.url)
  const { body, size } = await http.send(GET)
  assert.equal(body, 'x'.repeat(100))
  assert.equal(size, 100)
  await http.close()
})

test('a path of the address is kept, and no compression is asked for', async () => {
  await using plane = await controlPlane()
  plane.script = (_, response) => text(response, 200, '')
  const http = controlPlaneHttp(`${plane.url}/base/`)
  await http.send(GET)
  assert.equal(plane.requests[0]?.path, '/base/cp/x')
  assert.equal(plane.requests[0]?.headers['accept-encoding'], 'identity')
  await http.close()
})

test('silence, a cut and an absent plane are errors that say that the effect is not known', async () => {
  await using plane = await controlPlane()
  const http = controlPlaneHttp(plane.url, 100)
  plane.script = () => true
  await assert.rejects(http.send(GET), { code: 'TIMEOUT' })
  plane.script = (_, response) => {
    response.socket?.destroy()
    return true
  }
  await assert.rejects(http.send(GET), { code: 'CONNECTION_LOST' })
  await assert.rejects(http.send({ ...GET, signal: AbortSignal.abort() }), { code: 'ABORTED' })
  await http.close()
  const away = controlPlaneHttp('http://127.0.0.1:1')
  await assert.rejects(away.send(GET), { code: 'CONNECTION_LOST', message: /ECONNREFUSED/ })
  await away.close()
})
