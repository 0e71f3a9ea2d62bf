import type { ProgressMessage } from '../stream/progress.ts'
import { isObject, textAt } from '../base/json.ts'

/** What a push came to. */
export interface PushOutcome {
  readonly tag: string | undefined
  /** Digest of the manifest or index in the registry; `undefined` where the engine does not tell (podman 4). */
  readonly digest: string | undefined
  /** Bytes of the manifest. */
  readonly size: number | undefined
  /**
   * The engine has one platform of an index only, and pushed its manifest in the place of the index: digests of both.
   */
  readonly insteadOfIndex?: { readonly index: string; readonly manifest: string } | undefined
}

/** What a load came to. */
export interface LoadOutcome {
  /** References, or ids of images without one. */
  readonly images: readonly string[]
}

/** What a build or an import came to. */
export interface ImageOutcome {
  /** Id of the new image, as the engine told it: `sha256:…`, or its beginning from older builders. */
  readonly id: string
}

/** What one message tells of it: `aux` of dockerd, or the closing line `latest: digest: sha256:… size: 528`. */
export function pushed({ aux, status }: ProgressMessage): PushOutcome | undefined {
  if (isObject(aux) && typeof aux['Digest'] === 'string')
    return { tag: text(aux['Tag']), digest: aux['Digest'], size: Number(aux['Size']) }
  const said = /^(\S+): digest: (\S+) size: (\d+)$/.exec((status ?? '').trim())
  return said === null ? undefined : { tag: said[1], digest: said[2], size: Number(said[3]) }
}

/** What `aux` of the containerd store tells where a manifest is pushed in the place of an index. */
export function insteadOfIndex({ aux }: ProgressMessage): PushOutcome['insteadOfIndex'] {
  if (!isObject(aux) || aux['manifestPushedInsteadOfIndex'] !== true) return undefined
  return { index: textAt(aux['originalIndex'], 'digest'), manifest: textAt(aux['selectedManifest'], 'digest') }
}

/** `Loaded image: name:tag`, `Loaded image ID: sha256:…`, on podman `Loaded image: a,b`. */
export function loaded({ stream }: ProgressMessage): string[] {
  const said = /^Loaded image(?: ID|\(s\))?: (\S.*)$/.exec((stream ?? '').trim())?.[1]
  return said === undefined ? [] : said.split(/,\s*/)
}

/** `aux` of dockerd and podman, or the last words of a builder: the id alone, or `Successfully built <id>`. */
export function built({ aux, stream }: ProgressMessage): { id: string; sure: boolean } | undefined {
  if (isObject(aux) && typeof aux['ID'] === 'string') return { id: aux['ID'], sure: true }
  const said = /^(?:Successfully built )?((?:sha256:)?[0-9a-f]{12,64})$/.exec((stream ?? '').trim())?.[1]
  return said === undefined ? undefined : { id: said, sure: false }
}

/** The status of an import that ends it. */
export function imported({ status }: ProgressMessage): string | undefined {
  return status?.startsWith('sha256:') === true ? status : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
