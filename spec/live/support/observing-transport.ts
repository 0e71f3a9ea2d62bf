import { readFileSync } from 'node:fs'

import type { Transport, WireRequest } from '../../../lib/wire/transport.ts'

interface Described {
  id: string
  method: string
  path: string
}

const OPERATIONS = (JSON.parse(readFileSync('fixtures/api/operations.json', 'utf8')) as Described[]).map(
  ({ id, method, path }) => ({
    id,
    method,
    // An image's name has slashes; what has fixed words beats what has a name.
    pattern: new RegExp(`^${path.replace('{name}', '.+').replace('{id}', '[^/]+')}$`),
    fixed: path.replace(/\{.*?\}/g, '').length,
  }),
)

/** The operation of a request, by the API's description. */
export function operationOf({ method, path }: Pick<WireRequest, 'method' | 'path'>): string | undefined {
  const [plain = ''] = path.replace(/^\/v\d+\.\d+/, '').split('?')
  const matches = OPERATIONS.filter((operation) => operation.method === method && operation.pattern.test(plain))
  return matches.toSorted((a, b) => b.fixed - a.fixed)[0]?.id
}

/** Passes everything on and tells which operation was asked and what status came. */
export function observingTransport(
  transport: Transport,
  observe: (operation: string, status: number) => void,
): Transport {
  return {
    request: async (request) => {
      const response = await transport.request(request)
      observe(operationOf(request) ?? `${request.method} ${request.path}`, response.status)
      return response
    },
    close: () => transport.close(),
  }
}
