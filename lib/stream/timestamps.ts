// Logs with timestamps. An engine keeps a long line in pieces (16 KiB on dockerd, up to 8 KiB on podman), and puts the time
// of each piece before it: what is left here is the one at the beginning of the line.
import type { Decoder } from './decode.ts'
import { FrameDecoder, type Output } from './frames.ts'

const LF = 10
const BLANK = 32
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) $/
// `2026-11-28T08:00:00.123456789+01:00 `
const LONGEST = 36

/** The same as `FrameDecoder`, of frames that begin with a timestamp each. */
export class TimestampedFrames implements Decoder<Output> {
  readonly #frames = new FrameDecoder()
  readonly #isOpen = { stdin: false, stdout: false, stderr: false }
  // Of a frame that goes on with a line: what came of it while it may still be a timestamp.
  #head: Uint8Array | undefined

  /** @throws ProtocolError, StreamError as `FrameDecoder` does */
  push(chunk: Uint8Array, out: Output[]): void {
    const pieces: Output[] = []
    for (let at = 0; at < chunk.length;) {
      const before = this.#frames.isInPayload
      const step = Math.min(this.#frames.untilEdge, chunk.length - at)
      pieces.length = 0
      this.#frames.push(chunk.subarray(at, at + step), pieces)
      at += step
      const [piece] = pieces
      if (piece !== undefined) this.#give(piece, !this.#frames.isInPayload, out)
      else if (!before && this.#frames.isInPayload) this.#head = new Uint8Array()
    }
  }

  /** @throws ProtocolError, StreamError as `FrameDecoder` does */
  end(): void {
    this.#frames.end()
  }

  #give({ stream, data }: Output, isLast: boolean, out: Output[]): void {
    let rest = data
    if (this.#head !== undefined && this.#isOpen[stream]) {
      const head = this.#head.length === 0 ? data : Buffer.concat([this.#head, data])
      const end = head.indexOf(BLANK) + 1
      if (end === 0 && head.length < LONGEST && !isLast) {
        this.#head = head
        return
      }
      rest = isTimestamp(head.subarray(0, end)) ? head.subarray(end) : head
    }
    this.#head = undefined
    if (isLast) this.#isOpen[stream] = data.at(-1) !== LF
    if (rest.length > 0) out.push({ stream, data: rest })
  }
}

// Pieces below that are none of an engine: the text has a timestamp of its own in the middle.
const SHORTEST_PIECE = 1024

/**
 * The same of the output of a TTY, which has no frames. A timestamp inside of a line is taken for the engine's when a long
 * piece came before it, or another one in this line, and its time is not before that at the beginning of the line: what a
 * program writes into its line itself, it wrote before the engine got it.
 */
export class TimestampedText implements Decoder<Output> {
  #line = new LineState()
  #kept: Uint8Array = new Uint8Array()

  push(chunk: Uint8Array, out: Output[]): void {
    const bytes = this.#kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#kept, chunk])
    this.#kept = new Uint8Array()
    let from = 0
    for (let at = 0; at < bytes.length;) {
      const lf = bytes.indexOf(LF, at)
      const end = lf < 0 ? bytes.length : lf + 1
      const found = this.#line.find(bytes.toString('latin1', at, end), lf < 0)
      if (found === undefined) {
        if (lf >= 0) this.#line = new LineState()
        at = end
      } else {
        give(bytes.subarray(from, at + found.at), out)
        from = at + found.at + found.length
        at = from
        if (found.length === 0) {
          this.#kept = bytes.subarray(from)
          return
        }
      }
    }
    give(bytes.subarray(from), out)
  }

  end(out: Output[]): void {
    give(this.#kept, out)
  }
}

const INSIDE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) /g
const BEGUN = /\d[\dT:.Z+-]{0,34}$/

/** Where the next timestamp is to be taken out; with a length of 0 it has only begun. */
interface Found {
  readonly at: number
  readonly length: number
}

class LineState {
  #head = ''
  #first: string | undefined
  #piece = 0
  #isSplit = false

  find(text: string, isOpen: boolean): Found | undefined {
    const start = this.#head.length < LONGEST ? this.#begin(text) : 0
    INSIDE.lastIndex = start
    for (let match = INSIDE.exec(text); match !== null; match = INSIDE.exec(text)) {
      const [stamp] = match
      if (!this.#isEngines(stamp, match.index)) continue
      this.#isSplit = true
      this.#piece = 0
      return { at: match.index, length: stamp.length }
    }
    const begun = isOpen ? BEGUN.exec(text) : null
    if (begun !== null && begun.index >= start && this.#isSplitAt(begun.index)) {
      this.#piece += begun.index
      return { at: begun.index, length: 0 }
    }
    this.#piece += text.length
    return undefined
  }

  // The timestamp at the beginning of the line; gives where it ends in `text`.
  #begin(text: string): number {
    const before = this.#head.length
    this.#head += text.slice(0, LONGEST - before)
    const end = this.#head.indexOf(' ') + 1
    const head = this.#head.slice(0, end)
    if (this.#first === undefined && TIMESTAMP.test(head)) this.#first = comparable(head)
    return Math.max(0, end - before)
  }

  #isEngines(stamp: string, at: number): boolean {
    return this.#first !== undefined && this.#isSplitAt(at) && comparable(stamp) >= this.#first
  }

  #isSplitAt(at: number): boolean {
    return this.#isSplit || this.#piece + at >= SHORTEST_PIECE
  }
}

// An engine writes all in one zone; podman leaves zeros at the end of the fraction out.
function comparable(stamp: string): string {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(stamp.trimEnd()) ?? []
  return `${zone} ${seconds}.${fraction.padEnd(9, '0')}`
}

function isTimestamp(bytes: Uint8Array): boolean {
  return bytes.length <= LONGEST && TIMESTAMP.test(Buffer.from(bytes).toString('latin1'))
}

function give(data: Uint8Array, out: Output[]): void {
  if (data.length > 0) out.push({ stream: 'stdout', data })
}
