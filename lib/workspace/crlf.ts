const CR = 0x0d
const LF = 0x0a

/** True for files in which a CR before LF breaks what runs them: scripts and what agents read. */
export function isTextFile(name: string): boolean {
  return /\.(?:sh|py|md)$/.test(name)
}

/** The same bytes with LF where CRLF was, wherever the chunks are cut. A CR that stands alone stays. */
export async function* withoutCrlf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let pending = false // a CR at the end of a chunk: the next one tells whether it goes
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    const out = Buffer.allocUnsafe(chunk.length + 1)
    let length = 0
    if (pending && chunk[0] !== LF) out[length++] = CR
    for (let i = 0; i < chunk.length; i++) {
      const drop = chunk[i] === CR && (i + 1 === chunk.length || chunk[i + 1] === LF)
      if (!drop) out[length++] = chunk[i] as number
    }
    pending = chunk.at(-1) === CR
    yield out.subarray(0, length)
  }
  if (pending) yield Uint8Array.of(CR)
}

/** How many bytes a stream has. */
export async function countBytes(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0
  for await (const chunk of chunks) count += chunk.length
  return count
}
