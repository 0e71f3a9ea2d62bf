import { createHash } from 'node:crypto'

import { ApiError, ProtocolError } from '../base/errors.ts'
import { isObject, type JsonObject, type JsonValue } from '../base/json.ts'
import { isDigest } from '../base/reference.ts'
import { jsonOf } from './answer.ts'
import { fitness, isAkin, normalisePlatform, parsePlatform, type Platform } from './platform.ts'

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'

/** What a tag may name, the order of `Accept`. All four always: GHCR hides an index from who does not ask for it. */
export const MEDIA_TYPES: readonly string[] = [
  OCI_INDEX,
  'application/vnd.oci.image.manifest.v1+json',
  DOCKER_LIST,
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** A manifest, as an index lists it. */
export interface IndexEntry {
  readonly digest: string
  /** `undefined` where the index does not say, as for an index inside of it. */
  readonly platform: Platform | undefined
}

/** True for a media type that lists manifests by platform. */
export function isIndex(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_LIST
}

/** The media type in a `Content-Type`. @throws ApiError `UNSUPPORTED`, ProtocolError `PROTOCOL_VIOLATION` */
export function readMediaType(contentType: string | undefined, subject: string): string {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (MEDIA_TYPES.includes(type)) return type
  if (type.startsWith(SCHEMA_1))
    throw new ApiError('UNSUPPORTED', `${subject} is an image of schema 1, which no engine runs any more: push it anew`)
  const seen = /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type.slice(0, 100) : 'nothing that can be read'
  throw new ProtocolError(
    'PROTOCOL_VIOLATION',
    `${subject} came as ${seen}, which is no manifest: is there a login page or a proxy in between?`,
  )
}

/** A digest from a header or an index, checked: it will stand in paths. @throws ProtocolError `PROTOCOL_VIOLATION` */
export function readDigest(text: JsonValue | undefined, subject: string): string {
  if (typeof text === 'string' && isDigest(text)) return text
  throw new ProtocolError('PROTOCOL_VIOLATION', `the digest of ${subject} is malformed`)
}

/** The digest of raw bytes, by the algorithm of `like`. */
export function digestOf(bytes: Uint8Array, like = 'sha256:'): string {
  const algorithm = like.startsWith('sha512:') ? 'sha512' : 'sha256'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/**
 * Checks that bytes are what their type says: an index has `manifests`, a manifest has `layers`, and never both
 * (CVE-2021-41190).
 */
export function readManifest(body: Buffer, mediaType: string, subject: string): JsonObject {
  const value = jsonOf(body)
  if (!isObject(value)) throw new ProtocolError('PROTOCOL_VIOLATION', `${subject} is not a JSON object`)
  const [own, other] = isIndex(mediaType) ? ['manifests', 'layers'] : ['layers', 'manifests']
  const declared = value['mediaType'] ?? mediaType
  if (declared === mediaType && Array.isArray(value[own]) && value[other] === undefined) return value
  throw new ProtocolError('PROTOCOL_VIOLATION', `${subject} came as ${mediaType} and holds something else`)
}

/** The entries of an index. Attestations come as `unknown/unknown` and match nothing. */
export function indexEntries(index: JsonObject, subject: string): IndexEntry[] {
  const manifests = Array.isArray(index['manifests']) ? index['manifests'] : []
  return manifests.filter(isObject).map((entry) => {
    const nested = typeof entry['mediaType'] === 'string' && isIndex(entry['mediaType'])
    return {
      digest: readDigest(entry['digest'], subject),
      platform: nested ? undefined : platformOf(entry['platform']),
    }
  })
}

function platformOf(platform: JsonValue | undefined): Platform | undefined {
  if (!isObject(platform)) return undefined
  const [os, architecture, variant] = [platform['os'], platform['architecture'], platform['variant'] ?? '']
  if (typeof os !== 'string' || typeof architecture !== 'string' || typeof variant !== 'string') return undefined
  return os === '' || architecture === '' ? undefined : normalisePlatform(os, architecture, variant)
}

/** What an index has for a platform. */
export interface Choice {
  /** Digest of the manifest that fits best; `undefined` when none is known to. */
  readonly digest: string | undefined
  /** True when no engine of this platform is known to run any entry. Else the engine may know better than the index. */
  readonly misfit: boolean
  /** The platforms that the index names. */
  readonly offered: readonly string[]
}

/** Looks for a platform in an index. */
export function choosePlatform(entries: readonly IndexEntry[], wanted: string): Choice {
  const platform = parsePlatform(wanted)
  let best: { digest: string; fit: number } | undefined
  for (const { digest, platform: offered } of entries) {
    const fit = offered === undefined ? 0 : fitness(offered, platform)
    if (fit > (best?.fit ?? 0)) best = { digest, fit }
  }
  const offered = [
    ...new Set(entries.flatMap((entry) => (entry.platform === undefined ? [] : platformName(entry.platform)))),
  ]
  return {
    digest: best?.digest,
    misfit: entries.every((entry) => entry.platform !== undefined && !isAkin(entry.platform, platform)),
    offered: offered.filter((name) => name !== 'unknown/unknown'),
  }
}

/** The error of an image that has nothing for a platform, naming what there is. */
export function noPlatform(subject: string, wanted: string, offered: readonly string[]): ApiError {
  const names = offered.join(', ')
  return new ApiError('NO_PLATFORM', `${subject} is not published for ${wanted}, but for ${names || 'none'}`, {
    facts: { wanted, offered },
  })
}

function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== '').join('/')
}
