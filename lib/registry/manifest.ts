import { createHash } from 'node:crypto'

import { ApiError, ProtocolError } from '../base/errors.ts'
import { isObject, type JsonObject, type JsonValue } from '../base/json.ts'
import { isDigest } from '../base/reference.ts'
import { jsonOf } from './answer.ts'
import { fitness, normalisePlatform, parsePlatform, type Platform } from './platform.ts'

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

/** A manifest for one platform, as an index lists it. */
export interface IndexEntry {
  readonly digest: string
  readonly platform: Platform
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

/** The entries of an index that have a platform. Attestations come as `unknown/unknown` and match nothing. */
export function indexEntries(index: JsonObject, subject: string): IndexEntry[] {
  const manifests = Array.isArray(index['manifests']) ? index['manifests'] : []
  return manifests.filter(isObject).flatMap((entry) => {
    const platform = entry['platform']
    if (!isObject(platform)) return []
    const [os, architecture, variant] = [platform['os'], platform['architecture'], platform['variant'] ?? '']
    if (typeof os !== 'string' || typeof architecture !== 'string' || typeof variant !== 'string') return []
    return [{ digest: readDigest(entry['digest'], subject), platform: normalisePlatform(os, architecture, variant) }]
  })
}

/** The digest of the manifest that fits a platform best. @throws ApiError `NO_PLATFORM`, naming what there is */
export function choosePlatform(entries: readonly IndexEntry[], wanted: string, subject: string): string {
  const platform = parsePlatform(wanted)
  let best: { digest: string; fit: number } | undefined
  for (const { digest, platform: offered } of entries) {
    const fit = fitness(offered, platform)
    if (fit > (best?.fit ?? 0)) best = { digest, fit }
  }
  if (best !== undefined) return best.digest
  const offered = [...new Set(entries.map((entry) => platformName(entry.platform)))].filter(
    (name) => name !== 'unknown/unknown',
  )
  throw new ApiError(
    'NO_PLATFORM',
    `${subject} is not published for ${wanted}, but for ${offered.join(', ') || 'none'}`,
    {
      facts: { wanted, offered },
    },
  )
}

function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== '').join('/')
}
