import { connect, type Docker } from '../../../lib/engine/connect.ts'
import { endpointUrl } from '../../../lib/wire/endpoint.ts'

/** The engine that the live specs run against: `DOCKER_HOST`, or the default socket. A missing one fails the spec. */
export async function liveEngine(): Promise<Docker> {
  const docker = await connect()
  await docker.ping()
  return docker
}

/** The engine's address, for programs that take `DOCKER_HOST`. */
export function hostOf({ endpoint }: Docker): string {
  return endpointUrl(endpoint)
}

/** Removes every container whose name begins so, whatever its state; podman wants those first that need another. */
export async function removeContainers(docker: Docker, prefix: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    let failure: unknown
    for (const { Id, Names } of await docker.containers.list({ all: true })) {
      if (!Names.some((name) => name.startsWith(`/${prefix}`))) continue
      await docker.containers.remove(Id, { force: true, v: true }).catch((error: unknown) => (failure = error))
    }
    if (failure === undefined) return
    if (tries === 3) throw failure
  }
}

/** Removes every image whose label `run` says so, with all its names. */
export async function removeImages(docker: Docker, run: string): Promise<void> {
  for (const { Id } of await docker.images.list({ all: true, filters: { label: [`run=${run}`] } }))
    await docker.images.remove(Id, { force: true })
}
