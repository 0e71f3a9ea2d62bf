import type { Writable } from 'node:stream'

import { frames } from '../stream/frames.ts'
import { rawOutput } from '../wire/decode.ts'
import type { Hijacked } from '../wire/hijack.ts'
import { OutputStream } from './output-stream.ts'
import { TerminalInput } from './terminal-input.ts'

/**
 * A process in a container, both ways: loop over it for the output, write to `stdin`. The connection lives until the
 * output ends, a loop is left, or `close()`; the process itself goes on unless it minds that.
 */
export class Session extends OutputStream {
  /**
   * To the process, in bytes; `stdin.end()` closes its stdin and leaves the output flowing. With a TTY, which cannot be
   * closed by half, `end()` types Ctrl-D. Errors are a `ConnectionError`. `undefined` behind a proxy that does not pass
   * raw connections on: then the session can only be read.
   */
  readonly stdin: Writable | undefined
  readonly #close: () => void

  constructor(connection: Hijacked, tty: boolean) {
    super(tty ? rawOutput(connection.output) : frames(connection.output))
    const { input } = connection
    this.stdin = tty && input !== undefined ? new TerminalInput(input) : input
    this.#close = () => connection.close()
  }

  /** Closes the connection at once. */
  override close(): void {
    super.close()
    this.#close()
  }
}
