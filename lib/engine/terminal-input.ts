// The stdin of a process with a TTY.
import { Writable } from 'node:stream'

// What a terminal sends for Ctrl-D (VEOF), which ends the input of who reads line by line.
const END_OF_FILE = '\u0004'
const LF = 10

/**
 * Writes to a terminal. A terminal knows no half-close: dockerd takes one for a hangup and drops the output that comes
 * after it (moby container/stream attach.go), podman takes no notice. So the end is written as a user types it.
 */
export class TerminalInput extends Writable {
  readonly #input: Writable
  #lineIsOpen = false

  constructor(input: Writable) {
    super()
    this.#input = input
    this.on('error', () => {}) // as of the input below
    input.once('close', () => this.destroy())
  }

  override _write(chunk: Uint8Array, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (chunk.length > 0) this.#lineIsOpen = chunk.at(-1) !== LF
    this.#input.write(chunk, done)
  }

  // Behind an unfinished line the first one only sends that line off.
  override _final(done: (error?: Error | null) => void): void {
    this.#input.write(this.#lineIsOpen ? END_OF_FILE + END_OF_FILE : END_OF_FILE, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished) this.#input.destroy(error ?? undefined)
    done(error)
  }
}
