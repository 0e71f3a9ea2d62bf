// Every answer that a real Docker 29 gave, through the client's own schemas: strictly, so that a complaint is a failure.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import type * as z from 'zod/mini'

import { parseJson } from '../../lib/base/json.ts'
import { containerInspect } from '../../lib/engine/schema/container-inspect.ts'
import { containerCreateResponse, containerSummaries } from '../../lib/engine/schema/containers.ts'
import { diskUsage } from '../../lib/engine/schema/disk-usage.ts'
import { engineEvent } from '../../lib/engine/schema/events.ts'
import { imageAttestations, imageHistory } from '../../lib/engine/schema/image-answers.ts'
import { imageDeleteItems, imageInspect, imageSummaries } from '../../lib/engine/schema/images.ts'
import { network, networkCreateResponse, networks } from '../../lib/engine/schema/networks.ts'
import { systemInfo } from '../../lib/engine/schema/system-info.ts'
import { systemVersion } from '../../lib/engine/schema/system.ts'
import { volume } from '../../lib/engine/schema/volumes.ts'
import { loadExchanges, type Exchange } from '../../lib/testing/exchange-file.ts'

const ROOT = join('fixtures', 'exchanges')

// oxlint-disable-next-line typescript/no-explicit-any -- schemas of many types in one table
const SCHEMAS: readonly (readonly [call: RegExp, schema: z.ZodMiniType<any>])[] = [
  [/^GET \/containers\/json$/, containerSummaries],
  [/^GET \/containers\/[^/]+\/json$/, containerInspect],
  [/^POST \/containers\/create$/, containerCreateResponse],
  [/^GET \/system\/df$/, diskUsage],
  [/^GET \/events$/, engineEvent],
  [/^GET \/images\/json$/, imageSummaries],
  [/^GET \/images\/.+\/json$/, imageInspect],
  [/^GET \/images\/.+\/history$/, imageHistory],
  [/^GET \/images\/.+\/attestations$/, imageAttestations],
  [/^DELETE \/images\/.+$/, imageDeleteItems],
  [/^GET \/networks$/, networks],
  [/^GET \/networks\/[^/]+$/, network],
  [/^POST \/networks\/create$/, networkCreateResponse],
  [/^GET \/info$/, systemInfo],
  [/^GET \/version$/, systemVersion],
  [/^GET \/volumes\/[^/]+$/, volume],
  [/^POST \/volumes\/create$/, volume],
]

const checked = new Map<string, number>()

for (const engine of readdirSync(ROOT)) {
  test(`${engine}: each answer of the exchange files has the shape that the client expects`, async () => {
    for (const file of readdirSync(join(ROOT, engine))) {
      for (const exchange of await loadExchanges(join(ROOT, engine, file))) {
        const call = callOf(exchange)
        const found = SCHEMAS.find(([pattern]) => pattern.test(call))
        if (found === undefined || exchange.response.status >= 300) continue
        const [pattern, schema] = found
        for (const value of valuesOf(exchange)) {
          const read = schema.safeParse(value)
          assert.ok(read.success, `${file}: ${call}: ${JSON.stringify(read.error?.issues.slice(0, 3))}`)
          checked.set(pattern.source, (checked.get(pattern.source) ?? 0) + 1)
        }
      }
    }
  })
}

test('inspects, lists, usages, images, networks and events were among them', () => {
  for (const kind of ['json$', 'df$', 'events$', 'attestations$', 'info$', 'version$'])
    assert.ok(
      [...checked].some(([pattern, count]) => pattern.includes(kind) && count > 0),
      kind,
    )
})

function callOf({ request }: Exchange): string {
  return `${request.method} ${decodeURIComponent(request.path.replace(/^\/v\d+\.\d+/, ''))}`
}

// Events come a line each, some behind the byte of a JSON text sequence.
function valuesOf({ request, response }: Exchange): unknown[] {
  const text = Buffer.concat(response.chunks.map((chunk) => Buffer.from(chunk, 'base64'))).toString('utf8')
  if (!request.path.endsWith('/events')) return [parseJson(text)]
  return text
    .split('\n')
    .map((line) => line.replace('\u001E', '').trim())
    .filter((line) => line !== '')
    .map((line) => parseJson(line))
}
