/** Where to listen. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

export const DEFAULT_LISTEN = '127.0.0.1:8787'

/** Reads `host:port`, `:port`, `[::1]:port` or `unix:/path`. `undefined` for anything else. */
export function readAddress(text: string): ListenAddress | undefined {
  const path = /^unix:(?:\/\/)?(\/.+)$/.exec(text)?.[1]
  if (path !== undefined) return { kind: 'unix', path }
  const [, host = '', digits = ''] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535) return undefined
  return { kind: 'tcp', host: host === '' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1'), port }
}

/** The address as people write it. */
export function addressText(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}
