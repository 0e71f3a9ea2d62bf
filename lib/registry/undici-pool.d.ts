// Of undici only its pool is loaded: the package's entry loads fetch, WebSocket and mocks too, 110 ms at every start.
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici'

  const PoolClass: typeof Pool
  export { PoolClass as default }
}
