/** One line of a pull, push, load, import or build stream. Any of it may be missing (Engine API, `JSONMessage`). */
export interface ProgressMessage {
  /** Layer (12 hex digits), tag, or nothing. */
  id?: string | undefined
  status?: string | undefined
  progressDetail?: ProgressDetail | undefined
  errorDetail?: { code?: number | undefined; message?: string | undefined } | undefined
  /** Deprecated by API 1.48 for `errorDetail`. */
  error?: string | undefined
  stream?: string | undefined
  aux?: unknown
}

/** `units: "s"` comes without a total: the containerd store counts the seconds of an extraction. */
export interface ProgressDetail {
  current?: number | undefined
  total?: number | undefined
  units?: string | undefined
}

export interface LayerProgress {
  phase: 'waiting' | 'downloading' | 'extracting' | 'done'
  /** Bytes downloaded so far. */
  current: number
  /** Bytes in all, when the engine tells. */
  total: number | undefined
}

/** Where a pull stands. */
export interface PullProgress {
  readonly layers: ReadonlyMap<string, LayerProgress>
  /** Bytes downloaded so far, over all layers. */
  readonly current: number
  /** Bytes to download as far as they are known; layers that are already there count nothing. */
  readonly total: number
  /** Digest of the `Digest:` line. */
  readonly digest: string | undefined
  /** Text of the final `Status:` line: only with it is a pull whole. */
  readonly final: string | undefined
}

const LAYER = /^[0-9a-f]{12}$/

/** A pull of which nothing has been heard yet. */
export function emptyProgress(): PullProgress {
  return { layers: new Map(), current: 0, total: 0, digest: undefined, final: undefined }
}

/** The progress after one more message. Pure: the given progress is left as it is. */
export function reduceProgress(progress: PullProgress, message: ProgressMessage): PullProgress {
  const status = typeof message.status === 'string' ? message.status : ''
  if (status.startsWith('Digest: ')) return { ...progress, digest: status.slice('Digest: '.length) }
  if (status.startsWith('Status: ')) return { ...progress, final: status.slice('Status: '.length) }
  if (typeof message.id !== 'string' || !LAYER.test(message.id) || status.startsWith('Pulling from ')) return progress
  const layers = new Map(progress.layers)
  layers.set(message.id, nextLayer(layers.get(message.id), status, message.progressDetail ?? {}))
  return { ...progress, layers, ...sum(layers.values()) }
}

function nextLayer(before: LayerProgress | undefined, status: string, detail: ProgressDetail): LayerProgress {
  const layer = before ?? { phase: 'waiting', current: 0, total: undefined }
  switch (status) {
    case 'Downloading':
      return {
        phase: 'downloading',
        current: count(detail.current) ?? layer.current,
        total: count(detail.total) ?? layer.total,
      }
    case 'Verifying Checksum':
    case 'Download complete':
      return { ...layer, phase: 'extracting', current: layer.total ?? layer.current }
    case 'Extracting':
      return { ...layer, phase: 'extracting' }
    case 'Pull complete':
    case 'Already exists':
      return { ...layer, phase: 'done', current: layer.total ?? layer.current }
    default:
      return layer
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

function sum(layers: Iterable<LayerProgress>): { current: number; total: number } {
  let current = 0
  let total = 0
  for (const layer of layers) {
    current += layer.current
    total += layer.total ?? layer.current
  }
  return { current, total }
}
