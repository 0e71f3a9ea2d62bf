/** Bytes that the body of an administrative request may have. */
export const MAX_BODY_BYTES: number = 16 << 10

/** Reads a whole body; `undefined` as soon as it is longer than `limit`, whatever `Content-Length` said. */
export async function readBody(request: Request, limit: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
