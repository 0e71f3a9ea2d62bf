import { packTar } from 'modern-tar'

/** A file of a layer: its content, or content and mode. */
export type LayerFile = string | Uint8Array | { readonly content: string | Uint8Array; readonly mode: number }

/** The tar archive of some files, by absolute path; directories come of themselves. */
export async function layer(files: Readonly<Record<string, LayerFile>>): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([path, file]) => {
    const { content, mode } =
      typeof file === 'string' || file instanceof Uint8Array ? { content: file, mode: 0o644 } : file
    const body = typeof content === 'string' ? Buffer.from(content) : content
    return { header: { name: path.replace(/^\/+/, ''), size: body.length, mode, mtime: new Date(0) }, body }
  })
  return packTar(entries)
}
