import type { Seen } from './container.ts'

/** Asks a port of a container whether it answers. */
export interface Prober {
  /** True when a connection is accepted within `timeout` milliseconds. */
  tcp(host: string, port: number, timeout: number): Promise<boolean>
  /** Status of a GET, `undefined` for no answer. */
  http(url: string, timeout: number): Promise<number | undefined>
}

/** What the label `dockline.probe` asks for: `tcp:PORT` or `http:PORT/PATH`. */
export interface Probe {
  readonly kind: 'tcp' | 'http'
  readonly port: number
  readonly path: string
}

export const PROBE_LABEL = 'dockline.probe'
const PROBE_TIMEOUT = 2000

/** Reads the label; `undefined` when there is none, an error text when it cannot be read. */
export function readProbe(labels: Readonly<Record<string, string>>): Probe | string | undefined {
  const text = Object.hasOwn(labels, PROBE_LABEL) ? labels[PROBE_LABEL] : undefined
  if (text === undefined) return undefined
  const found = /^(tcp|http):(\d{1,5})(\/\S*)?$/.exec(text)
  if (found === null) return `its label ${PROBE_LABEL} is not "tcp:PORT" or "http:PORT/PATH"`
  return { kind: found[1] as Probe['kind'], port: Number(found[2]), path: found[3] ?? '/' }
}

/** Whether the probe is answered now: at the published port where there is one, else at the container's own address. */
export async function isAnswered(prober: Prober, seen: Seen, probe: Probe): Promise<boolean> {
  const address = addressOf(seen, probe.port)
  if (address === undefined) return false
  if (probe.kind === 'tcp') return prober.tcp(address.host, address.port, PROBE_TIMEOUT)
  const status = await prober.http(`http://${address.host}:${address.port}${probe.path}`, PROBE_TIMEOUT)
  return status !== undefined && status < 400
}

function addressOf({ view }: Seen, port: number): { host: string; port: number } | undefined {
  const [published] = view.NetworkSettings.Ports[`${port}/tcp`] ?? []
  if (published !== undefined) {
    const anywhere = published.HostIp === '' || published.HostIp === '0.0.0.0' || published.HostIp === '::'
    return { host: anywhere ? '127.0.0.1' : published.HostIp, port: Number(published.HostPort) }
  }
  if (view.HostConfig.NetworkMode === 'host') return { host: '127.0.0.1', port }
  const own = Object.values(view.NetworkSettings.Networks).find(({ IPAddress }) => IPAddress !== '')
  return own === undefined ? undefined : { host: own.IPAddress, port }
}
