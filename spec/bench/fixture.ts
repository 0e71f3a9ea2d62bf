// What the engine of the bench answers with. The client imports the sizes to check that nothing was lost.
import { readFileSync } from 'node:fs'

import type { Exchange } from '../../lib/testing/exchange-file.ts'
import { fixture } from '../support/fixtures.ts'

/** What an engine answered when the fixtures were recorded. */
function recorded(name: string): unknown {
  const { response } = JSON.parse(readFileSync(fixture('docker-28.5-1.51', name), 'utf8')) as Exchange
  return JSON.parse(Buffer.concat(response.chunks.map((chunk) => Buffer.from(chunk, 'base64'))).toString())
}

const inspected = recorded('container-inspect') as object
const [listed] = recorded('container-list') as object[]
// What a container of some size brings, which those of the fixtures have not.
const labels = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`com.acme.label${i}`, 'x'.repeat(40)] as const))

/** Inspect of a container. */
export function inspectOf(id: string): object {
  const { Config } = inspected as { Config: object }
  return { ...inspected, Id: id.padEnd(64, '0'), Name: `/${id}`, Config: { ...Config, Labels: labels } }
}

/** A row of a list of containers. */
export function summaryOf(id: string): object {
  return { ...listed, Id: id.padEnd(64, '0'), Names: [`/${id}`], Labels: labels }
}

/** Lines of the pull stream, the two closing ones included. */
export const PULL_LINES: number = 200_000

export function* pullLines(): Generator<string, void, undefined> {
  for (let i = 0; i < PULL_LINES - 2; i++) {
    const current = i * 1024
    yield `{"status":"Downloading","progressDetail":{"current":${current},"total":204800000},"progress":"[=====>      ]  ${current}B/204.8MB","id":"${(i % 12).toString(16).padStart(12, 'a')}"}\r\n`
  }
  yield `{"status":"Digest: sha256:${'d'.repeat(64)}"}\r\n`
  yield '{"status":"Status: Downloaded newer image for acme/app:latest"}\r\n'
}

/** Kinds of log streams: size of a frame's payload, and how many there are. */
export const LOGS: Readonly<Record<LogKind, { payload: number; frames: number }>> = {
  large: { payload: 16 << 10, frames: 4000 },
  small: { payload: 128, frames: 200_000 },
}

export type LogKind = 'large' | 'small'
export type Chunking = 'each' | '64k'
