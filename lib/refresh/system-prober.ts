import { get } from 'node:http'
import { connect } from 'node:net'

import type { Prober } from './probe.ts'

/** Probes over the machine's own network. */
export const systemProber: Prober = {
  tcp: (host, port, timeout) =>
    new Promise((resolve) => {
      const socket = connect({ host, port, timeout })
      const end = (answered: boolean): void => {
        socket.destroy()
        resolve(answered)
      }
      socket
        .once('connect', () => end(true))
        .once('timeout', () => end(false))
        .once('error', () => end(false))
    }),
  http: (url, timeout) =>
    new Promise((resolve) => {
      const request = get(url, { timeout }, (response) => {
        response.destroy()
        resolve(response.statusCode)
      })
      request.once('timeout', () => request.destroy()).once('error', () => resolve(undefined))
    }),
}
