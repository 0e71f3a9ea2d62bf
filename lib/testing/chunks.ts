/** What to replace in the text of a body, in which each character is one byte (latin1). */
export interface Rewrite {
  /** Global. */
  readonly pattern: RegExp
  readonly replace: (match: RegExpExecArray) => string
}

interface Span {
  readonly start: number
  readonly end: number
  readonly to: string
}

/**
 * Rewrites a body that came in chunks. What is replaced may lie across chunks; edges stay where they were in the text,
 * and those inside of a part that changed its length move to the end of that part.
 */
export function rewriteChunks(chunks: readonly Uint8Array[], rewrites: readonly Rewrite[]): Buffer[] {
  let text = Buffer.concat(chunks).toString('latin1')
  let at = 0
  let edges = chunks.map((chunk) => (at += chunk.length))
  for (const rewrite of rewrites) {
    const spans = findSpans(text, rewrite)
    edges = edges.map((edge) => movedEdge(edge, spans))
    text = replaceSpans(text, spans)
  }
  return edges
    .map((edge, i) => Buffer.from(text.slice(edges[i - 1] ?? 0, edge), 'latin1'))
    .filter((chunk) => chunk.length > 0)
}

/** The same for a text without edges. */
export function rewriteText(text: string, rewrites: readonly Rewrite[]): string {
  return rewrites.reduce((text, rewrite) => replaceSpans(text, findSpans(text, rewrite)), text)
}

/** Cuts bytes anew, into chunks of `size` bytes. */
export function rechunk(chunks: readonly Uint8Array[], size: number): Uint8Array[] {
  const whole = Buffer.concat(chunks)
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.subarray(i * size, (i + 1) * size))
}

function findSpans(text: string, { pattern, replace }: Rewrite): Span[] {
  return Array.from(text.matchAll(pattern), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    to: replace(match),
  }))
}

function replaceSpans(text: string, spans: readonly Span[]): string {
  const parts = spans.map(({ start, to }, i) => text.slice(spans[i - 1]?.end ?? 0, start) + to)
  return parts.join('') + text.slice(spans.at(-1)?.end ?? 0)
}

function movedEdge(edge: number, spans: readonly Span[]): number {
  let shift = 0
  for (const { start, end, to } of spans) {
    if (edge <= start) break
    const grown = to.length - (end - start)
    if (edge < end) return grown === 0 ? edge + shift : start + shift + to.length
    shift += grown
  }
  return edge + shift
}
