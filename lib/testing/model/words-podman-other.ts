import { podmanWords } from './words-podman.ts'
import type { Words } from './words.ts'

/** Podman 4.3: it cannot update a container, and knows of one conflict only. */
export const podman4Words: Words = {
  ...podmanWords,
  renameTaken: (name, holder) => [
    409,
    `renaming container ${holder}: name ${name} already in use, cannot rename container ${holder}: container already exists`,
  ],
  noUpdate: () => podmanWords.notFound(),
  killStopped: (container, name) => [500, podmanWords.killStopped(container, name)[1]],
  networkTaken: (name) => [500, podmanWords.networkTaken(name)[1]],
  connected: ({ id }, network) => [
    500,
    `container ${id} is already connected to network "${network}": network is already connected`,
  ],
}

/** Podman 6: a taken name is a conflict at last. */
export const podman6Words: Words = {
  ...podmanWords,
  nameTaken: (name, holder) => [409, podmanWords.nameTaken(name, holder)[1]],
  bodyBroken: (cause) => [400, `decoding request body as JSON: ${cause}`],
}
