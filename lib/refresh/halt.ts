import { see, stateOf, type RefreshEngine } from './container.ts'

/**
 * Stops a container, by its own signal and within its own time. A paused one too: moby lets it go on by itself once it
 * has the signal, podman refuses until it was let go on.
 *
 * @param timeout seconds that the container names for its stop
 * @returns false when it did not run
 */
export async function halt(
  containers: RefreshEngine['containers'],
  id: string,
  patience: { readonly headersTimeout?: number } = {},
  timeout?: number,
): Promise<boolean> {
  // podman refuses a number below 0; without one an engine takes the container's own, or a default that it does not tell.
  const options = timeout === undefined || timeout < 0 ? {} : { t: timeout }
  try {
    return (await containers.stop(id, options, patience)).changed
  } catch (error) {
    const seen = await see({ containers }, id)
    if (seen === undefined || stateOf(seen) !== 'paused') throw error
    await containers.unpause(id)
    return (await containers.stop(id, options, patience)).changed
  }
}
