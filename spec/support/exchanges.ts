import type { Exchange, RecordedRequest, RecordedResponse } from '../../lib/testing/exchange-file.ts'

/** `GET /a?x=1` as an exchange that answers with these chunks. */
export function exchange(asked: string, chunks: readonly string[], rest: ExchangeRest = {}): Exchange {
  const [method = 'GET', target = '/'] = asked.split(' ')
  const url = new URL(target, 'http://d')
  const query = Object.fromEntries([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]))
  return {
    name: asked,
    request: { method, path: url.pathname, query, headers: {}, ...rest.request },
    response: { status: 200, headers: {}, chunks: chunks.map((chunk) => encode(chunk)), ...rest.response },
    ...rest.more,
  }
}

export interface ExchangeRest {
  readonly request?: Partial<RecordedRequest>
  readonly response?: Partial<RecordedResponse>
  readonly more?: Partial<Exchange>
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

export function decode(chunks: readonly string[]): string[] {
  return chunks.map((chunk) => Buffer.from(chunk, 'base64').toString())
}
