/** UTF-8 bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The same bytes cut before each of the given offsets. */
export function cutAt(whole: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const edges = [0, ...offsets.toSorted((a, b) => a - b), whole.length]
  return edges.slice(1).map((end, i) => whole.subarray(edges[i], end))
}

/** Every way of cutting in two, and every byte on its own. */
export function everyCut(whole: Uint8Array): Uint8Array[][] {
  const inTwo = Array.from({ length: whole.length + 1 }, (_, at) => [whole.subarray(0, at), whole.subarray(at)])
  return [...inTwo, Array.from(whole, (byte) => Uint8Array.of(byte))]
}

/** A source of chunks that notes whether it was left before its end. */
export interface Source extends AsyncIterable<Uint8Array> {
  left: boolean
  given: number
}

/** The chunks as an engine would send them: one by one, each in its own turn. */
export function source(chunks: Iterable<Uint8Array>): Source {
  const self: Source = {
    left: false,
    given: 0,
    async *[Symbol.asyncIterator]() {
      let ended = false
      try {
        for (const chunk of chunks) {
          self.given++
          yield chunk
        }
        ended = true
      } finally {
        self.left = !ended
      }
    },
  }
  return self
}

/** What a stream gave before it ended or failed. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<{ values: T[]; error: unknown }> {
  const values: T[] = []
  try {
    for await (const value of stream) values.push(value)
    return { values, error: undefined }
  } catch (error) {
    return { values, error }
  }
}
