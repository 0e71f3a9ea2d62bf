import { connect, type ConnectOptions, type Docker } from '../../../lib/engine/connect.ts'

/** What kind of engine `DOCKER_HOST` points at: what is expected differs by it. */
export interface Profile {
  /** `dockerd 20.10.24`, `podman 5.8.6` */
  readonly name: string
  readonly podman: boolean
  readonly major: number
  readonly apiVersion: string
  /** Ids of images are manifest digests. */
  readonly containerdStore: boolean
}

/** The engine under test; every answer must have its shape. */
export function connectStrictly(options: ConnectOptions = {}): Promise<Docker> {
  return connect({ validate: 'strict', ...options })
}

/** Asks an engine what it is. */
export async function profileOf(docker: Docker): Promise<Profile> {
  const [version, info] = await Promise.all([docker.version(), docker.info()])
  const podman = version.Components.some(({ Name }) => Name.startsWith('Podman'))
  return {
    name: `${podman ? 'podman' : 'dockerd'} ${version.Version}`,
    podman,
    major: Number.parseInt(version.Version, 10),
    apiVersion: version.ApiVersion,
    containerdStore: info.DriverStatus.some(([key]) => key === 'driver-type'),
  }
}

/** A name that no other run uses. */
export function uniqueName(what: string): string {
  return `engine-${what}-${process.pid}`
}

/** Removes a container, whatever state it is in, if it is there. */
export async function removeContainer(docker: Docker, name: string): Promise<void> {
  await docker.containers.remove(name, { force: true, v: true }).catch(() => {})
}

/** Removes an image by name or id, if it is there. */
export async function removeImage(docker: Docker, name: string): Promise<void> {
  await docker.images.remove(name, { force: true }).catch(() => {})
}
