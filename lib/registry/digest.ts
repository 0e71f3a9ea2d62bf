import { ProtocolError } from '../base/errors.ts'
import { familiarReference, formatReference, type Reference } from '../base/reference.ts'
import { MAX_MANIFEST_BYTES } from './limits.ts'
import {
  MEDIA_TYPES,
  choosePlatform,
  digestOf,
  indexEntries,
  isIndex,
  noPlatform,
  readDigest,
  readManifest,
  readMediaType,
  type IndexEntry,
} from './manifest.ts'
import { headerOf } from './patience.ts'
import { parsePlatform } from './platform.ts'
import { readRateLimit, type RateLimit } from './rate-limit.ts'
import type { Answer, Question, Sessions } from './session.ts'

export interface DigestOptions {
  /** `os/arch[/variant]`: asks for the digest of that platform's manifest too. */
  readonly platform?: string | undefined
  /** Digests that need no look inside: for them the platform's is left out, and a request saved. */
  readonly known?: readonly string[] | undefined
  /** False gives an index that has nothing for the platform instead of `NO_PLATFORM`. Default true. */
  readonly mustFit?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a registry has under a reference. */
export interface RemoteDigest {
  /** Of the index, or of the manifest where there is no index: what engines list in `RepoDigests`. */
  readonly digest: string
  readonly mediaType: string
  /** Of the manifest for the platform asked for; without an index the same as `digest`. */
  readonly platformDigest: string | undefined
  /** Digests that the index lists, where a platform was asked for and it was looked into. */
  readonly manifests?: readonly string[] | undefined
  /** Platforms that the index names, where none is known to fit the one asked for. Some engines run it all the same. */
  readonly offered?: readonly string[] | undefined
  /** True when no engine of the platform asked for is known to run any of {@link offered}. */
  readonly misfit?: boolean | undefined
  /** Where the credential came from. */
  readonly source: string
  readonly rateLimit: RateLimit | undefined
}

/** A digest and what else one answer told. */
interface Seen {
  readonly digest: string
  readonly mediaType: string
  readonly source: string
  readonly rateLimit: RateLimit | undefined
}

interface Tagged {
  readonly etag: string
  readonly digest: string
  readonly mediaType: string
}

const MAX_KEPT = 1000

export interface Digests {
  digest(ref: Reference, options: DigestOptions): Promise<RemoteDigest>
}

/** Reads digests: HEAD, and GET with a hash of the bytes where HEAD does not tell. */
export function createDigests(sessions: Sessions): Digests {
  // What a digest names never changes; what an ETag names is asked for again with it.
  const indexes = new Map<string, readonly IndexEntry[]>()
  const etags = new Map<string, Tagged>()

  const look = async (ref: Reference, signal: AbortSignal | undefined): Promise<Seen> => {
    if (etags.has(formatReference(ref))) return fetchDigest(ref, signal)
    const head = await sessions.ask(question(ref, 'HEAD', ref.digest ?? ref.tag ?? 'latest', signal))
    if (FINAL.has(head.response.status)) throw head.error()
    const named = head.response.status === 200 ? headerOf(head.response, 'docker-content-digest') : undefined
    if (named === undefined) return fetchDigest(ref, signal)
    const subject = familiarReference(ref)
    const mediaType = readMediaType(headerOf(head.response, 'content-type'), subject)
    return told(ref, readDigest(named, subject), mediaType, head)
  }

  // The answer of a HEAD has no body: the reason of a failure, and the bytes to hash, come with a GET only.
  const fetchDigest = async (ref: Reference, signal: AbortSignal | undefined): Promise<Seen> => {
    const key = formatReference(ref)
    const known = etags.get(key)
    const asked = question(ref, 'GET', ref.digest ?? ref.tag ?? 'latest', signal)
    const headers = known === undefined ? asked.headers : { ...asked.headers, 'if-none-match': known.etag }
    const answer = await sessions.ask({ ...asked, headers })
    if (answer.response.status === 304 && known !== undefined) return told(ref, known.digest, known.mediaType, answer)
    const { digest, mediaType } = readBody(ref, answer)
    const etag = headerOf(answer.response, 'etag')
    if (etag !== undefined) keep(etags, key, { etag, digest, mediaType })
    return told(ref, digest, mediaType, answer)
  }

  const entriesOf = async (ref: Reference, digest: string, signal: AbortSignal | undefined) => {
    const key = `${ref.registry}/${ref.repository}@${digest}`
    const known = indexes.get(key)
    if (known !== undefined) return known
    const answer = await sessions.ask(question(ref, 'GET', digest, signal))
    const { value } = readBody({ ...ref, digest }, answer)
    const entries = indexEntries(value, familiarReference(ref))
    keep(indexes, key, entries)
    return entries
  }

  return {
    digest: async (ref, { platform, known = [], mustFit = true, signal }) => {
      if (platform !== undefined) parsePlatform(platform) // before anything is sent
      const seen = await look(ref, signal)
      if (platform === undefined || known.includes(seen.digest)) return { ...seen, platformDigest: undefined }
      if (!isIndex(seen.mediaType)) return { ...seen, platformDigest: seen.digest }
      const entries = await entriesOf(ref, seen.digest, signal)
      const { digest, misfit, offered } = choosePlatform(entries, platform)
      if (digest === undefined && mustFit) throw noPlatform(familiarReference(ref), platform, offered)
      const manifests = entries.map((entry) => entry.digest)
      const unfit = digest === undefined ? { offered, misfit } : {}
      return { ...seen, platformDigest: digest, manifests, ...unfit }
    },
  }
}

// A login that failed and a limit that was reached do not become clearer by asking again.
const FINAL: ReadonlySet<number> = new Set([401, 408, 429, 500, 502, 503, 504])

function question(ref: Reference, method: Question['method'], name: string, signal: AbortSignal | undefined): Question {
  return {
    registry: ref.registry,
    repository: ref.repository,
    method,
    path: `manifests/${name}`,
    headers: { accept: MEDIA_TYPES.join(', ') },
    maxBytes: MAX_MANIFEST_BYTES,
    subject: familiarReference(ref),
    signal,
  }
}

// The bytes decide; a header that says otherwise is a registry or a proxy that lies.
function readBody(ref: Reference, answer: Answer) {
  const { response } = answer
  const subject = familiarReference(ref)
  if (response.status !== 200) throw answer.error()
  const mediaType = readMediaType(headerOf(response, 'content-type'), subject)
  const named = headerOf(response, 'docker-content-digest')
  const claimed = named === undefined ? ref.digest : readDigest(named, subject)
  const digest = digestOf(response.body, claimed)
  if (claimed !== undefined && digest !== claimed) throw mismatch(subject, claimed, digest)
  return { digest, mediaType, value: readManifest(response.body, mediaType, subject) }
}

function told(ref: Reference, digest: string, mediaType: string, { response, source }: Answer): Seen {
  if (ref.digest !== undefined && digest !== ref.digest) throw mismatch(familiarReference(ref), ref.digest, digest)
  return { digest, mediaType, source, rateLimit: readRateLimit(response) }
}

function mismatch(subject: string, claimed: string, digest: string): ProtocolError {
  return new ProtocolError('DIGEST_MISMATCH', `${subject} should have digest ${claimed} and has ${digest}`, {
    facts: { claimed, digest },
  })
}

function keep<T>(kept: Map<string, T>, key: string, value: T): void {
  const [oldest] = kept.keys()
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest)
  kept.set(key, value)
}
