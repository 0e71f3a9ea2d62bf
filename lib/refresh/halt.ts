import { see, stateOf, type RefreshEngine } from './container.ts'

/**
 * Stops a container, by its own signal and within its own time. A paused one too: moby lets it go on by itself once it
 * has the signal, podman refuses until it was let go on.
 */
export async function halt(
  containers: RefreshEngine['containers'],
  id: string,
  patience: { readonly headersTimeout?: number } = {},
): Promise<void> {
  try {
    await containers.stop(id, {}, patience)
  } catch (error) {
    const seen = await see({ containers }, id)
    if (seen === undefined || stateOf(seen) !== 'paused') throw error
    await containers.unpause(id)
    await containers.stop(id, {}, patience)
  }
}
