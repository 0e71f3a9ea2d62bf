import type { ServerResponse } from 'node:http'

import type { Answer } from './answer.ts'

/** What is told of a request to whoever decides over trouble. */
export interface RegistryRequest {
  /** 1 for the first request. */
  readonly n: number
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly authorization: string | undefined
}

/** Something that a registry does wrong with one request. */
export type Trouble =
  /** Another answer than its own. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly redirect: string; readonly status?: 301 | 302 | 303 | 307 | 308 }
  /** Its own answer without a digest, or with another one. */
  | { readonly digest: string | undefined }
  | { readonly contentType: string }
  /** A page where JSON is expected, as a captive portal gives it. */
  | 'html'
  /** A body that never ends, a page of 5 MiB, half a body, or nothing at all. */
  | 'endless'
  | 'large'
  | 'cut'
  | 'hang'

const CHUNK = Buffer.alloc(64 << 10, 0x20)
const LARGE = 5 << 20

/** Does what was asked instead of, or to, the right answer. */
export function makeTrouble(trouble: Trouble, right: Answer, response: ServerResponse): Answer | undefined {
  if (trouble === 'hang') return undefined
  if (trouble === 'cut') {
    response.writeHead(right.status, { ...right.headers, 'Content-Length': String(right.body.length + 1) })
    response.write(right.body, () => response.destroy())
    return undefined
  }
  if (trouble === 'endless') {
    response.writeHead(200, right.headers)
    pour(response)
    return undefined
  }
  if (trouble === 'large') return { ...right, body: Buffer.alloc(LARGE, 0x20) }
  if (trouble === 'html') {
    const body = Buffer.from('<!doctype html><title>Please log in</title>')
    return { status: 200, headers: { 'Content-Type': 'text/html' }, body }
  }
  if ('redirect' in trouble)
    return { status: trouble.status ?? 307, headers: { Location: trouble.redirect }, body: Buffer.alloc(0) }
  if ('contentType' in trouble) return { ...right, headers: { ...right.headers, 'Content-Type': trouble.contentType } }
  if ('digest' in trouble) return { ...right, headers: { ...right.headers, 'Docker-Content-Digest': trouble.digest } }
  return { status: trouble.status, headers: { ...trouble.headers }, body: Buffer.from(trouble.body ?? '') }
}

function pour(response: ServerResponse): void {
  const more = (): void => {
    if (response.destroyed) return
    response.write(CHUNK, () => setImmediate(more))
  }
  more()
}
