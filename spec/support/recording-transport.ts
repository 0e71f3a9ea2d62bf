import type { Transport, WireRequest } from '../../lib/wire/transport.ts'

/** A transport that keeps what it is asked, and answers everything with 404. */
export function recordingTransport(): Transport & { readonly requests: WireRequest[] } {
  const requests: WireRequest[] = []
  const body = Buffer.from('{"message":"recorded: not found"}')
  return {
    requests,
    request: (request) => {
      requests.push(request)
      return Promise.resolve({
        status: 404,
        headers: { 'content-type': 'application/json' },
        body: {
          cancel: () => {},
          async *[Symbol.asyncIterator]() {
            yield body
          },
        },
      })
    },
    close: () => Promise.resolve(),
  }
}
