// The registries and images of the calibration, the same for a real engine and for the model.
import { readFileSync } from 'node:fs'

import type { Behaviour, ModelImage } from '../../../lib/testing/model/index.ts'
import { layer, modelRegistry, type ModelRegistry } from '../../../lib/testing/registry/index.ts'

const SERVE = ['/bin/busybox', 'sh', '-c', 'trap "exit 0" TERM; echo started; while :; do /bin/busybox sleep 0.1; done']
const check = (program: string): object => ({
  Test: ['CMD', '/bin/busybox', program],
  Interval: 1_000_000_000,
  Timeout: 1_000_000_000,
  Retries: 2,
})

export interface CalibrationWorld extends AsyncDisposable {
  readonly open: ModelRegistry
  readonly locked: ModelRegistry
  readonly images: Readonly<Record<string, ModelImage>>
}

/**
 * podman speaks plain HTTP to the registries of its registries.conf only, where dockerd does to every one on loopback.
 * For its calibration these two ports must be there with `insecure = true`.
 */
export const PODMAN_PORTS: readonly [number, number] = [15_001, 15_002]

/** @param program the program in the images: busybox for a real engine, any bytes for the model */
export async function calibrationWorld(
  program: Uint8Array,
  ports?: readonly [number, number],
): Promise<CalibrationWorld> {
  const busybox = await layer({ '/bin/busybox': { content: program, mode: 0o755 }, '/tmp/.keep': '' })
  const lost = await layer({ '/lost': 'a layer that the registry will lose' })
  const image = (config: object, behaviour: Behaviour = {}, layers = [busybox]): ModelImage => ({
    config: { Cmd: SERVE, ...config },
    layers,
    behaviour: { stdout: ['started'], ...behaviour },
  })
  const images: Record<string, ModelImage> = {
    'serve:v1': image({ Env: ['VERSION=1', 'ONLY_V1=1'], Labels: { version: '1' } }),
    'serve:v2': image({ Env: ['VERSION=2'], Labels: { version: '2' } }),
    'crash:latest': image({ Cmd: ['/bin/busybox', 'sh', '-c', 'exit 3'] }, { process: { exits: 3 }, stdout: [] }),
    'volume:latest': image({ Volumes: { '/data': {} } }),
    'healthy:latest': image({ Healthcheck: check('true') }, { health: 'healthy' }),
    'unhealthy:latest': image({ Healthcheck: check('false') }, { health: 'unhealthy' }),
    'broken:latest': image({}, {}, [busybox, lost]),
  }
  const open = await modelRegistry({ port: ports?.[0] })
  const locked = await modelRegistry({ auth: 'basic', port: ports?.[1] })
  for (const [name, spec] of Object.entries(images)) {
    const [repository = '', tag = ''] = name.split(':')
    for (const registry of [open, locked]) registry.publish(`calib/${repository}`, tag, spec)
  }
  const broken = (await (await fetch(`${open.url}/v2/calib/broken/manifests/latest`)).json()) as {
    layers: { digest: string }[]
  }
  open.lose(broken.layers.at(-1)?.digest ?? '')
  return {
    open,
    locked,
    images,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([open.close(), locked.close()])
    },
  }
}

/** The machine's static busybox (Debian: busybox-static), which runs in an image that holds nothing else. */
export function busybox(): Uint8Array {
  return readFileSync('/bin/busybox')
}
