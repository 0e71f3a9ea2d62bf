// The exchange files of a real Docker 29 replay, and the client reads each answer in them without a complaint.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'

import { printJson } from '../../lib/base/json.ts'
import { loadExchanges, type Exchange } from '../../lib/testing/exchange-file.ts'
import { replay } from '../../lib/testing/replay.ts'
import { ask } from '../support/raw-http.ts'

const ROOT = join('fixtures', 'exchanges')
const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .toSorted()

test('the exchange files of both image stores are there', () => {
  assert.equal(FILES.length, 82)
})

for (const file of FILES) {
  test(`${file} replays byte for byte`, async () => {
    const exchanges = await loadExchanges(join(ROOT, file))
    assert.ok(exchanges.length > 0)
    await using served = await replay(exchanges, { strictOrder: true })
    const agent = new Agent({ keepAlive: true })
    for (const exchange of exchanges) {
      const { request, response } = exchange
      const body = request.body === undefined ? undefined : printJson(request.body)
      const recorded = Buffer.concat(response.chunks.map((chunk) => Buffer.from(chunk, 'base64')))
      const bytes = response.open === true ? recorded.length : Infinity
      const reply = await ask(served.socketPath, `${request.method} ${targetOf(request)}`, body, { agent, bytes })
      assert.equal(reply.status, response.status)
      assert.deepEqual(Buffer.concat(reply.chunks), recorded)
    }
    agent.destroy()
    served.verify()
  })
}

function targetOf({ path, query }: Exchange['request']): string {
  const params = new URLSearchParams()
  for (const [name, values] of Object.entries(query)) for (const value of values) params.append(name, value)
  return params.size === 0 ? path : `${path}?${params.toString()}`
}
