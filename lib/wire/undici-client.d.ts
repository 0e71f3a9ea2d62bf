// Of undici only its client is loaded: the package's entry loads fetch, WebSocket and mocks too, 110 ms at every start.
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici'

  const ClientClass: typeof Client
  export { ClientClass as default }
}
