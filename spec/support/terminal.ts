import { PassThrough } from 'node:stream'

/** A stream that remembers what was written to it. */
export interface Remembering {
  readonly stream: NodeJS.WriteStream
  readonly text: () => string
}

export function remembering(terminal?: { readonly columns: number }): Remembering {
  const chunks: string[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk.toString()))
  Object.assign(stream, terminal === undefined ? { isTTY: false } : { isTTY: true, ...terminal })
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join('') }
}

/** What a hostile name or reason would do to a terminal. */
export const ESCAPES = '\u001b]0;owned\u0007\u001b[2J\u009b31mred\r\nfake: line\u007f'

/** Control characters other than the end of a line. */
// eslint-disable-next-line no-control-regex -- exactly these
export const CONTROLS: RegExp = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/
