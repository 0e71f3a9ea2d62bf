/** A frame of the multiplexed stream, as dockerd writes it. */
export function frame(type: number, payload: string | Uint8Array, size?: number): Buffer {
  const data = Buffer.from(payload)
  const header = Buffer.alloc(8)
  header[0] = type
  header.writeUInt32BE(size ?? data.length, 4)
  return Buffer.concat([header, data])
}
