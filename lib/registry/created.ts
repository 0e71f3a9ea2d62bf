import { ProtocolError } from '../base/errors.ts'
import { isObject, objectAt, textAt } from '../base/json.ts'
import { familiarReference, type Reference } from '../base/reference.ts'
import { jsonOf } from './answer.ts'
import { MAX_MANIFEST_BYTES } from './limits.ts'
import { MEDIA_TYPES, digestOf, readDigest } from './manifest.ts'
import type { Sessions } from './session.ts'

/** A manifest of one platform, by its digest. */
export type PinnedReference = Reference & { readonly digest: string }

/**
 * When an image says that it was made, in milliseconds since the epoch: two GETs, its manifest and its config.
 * `undefined` when it does not say, and for an index.
 */
export async function readCreated(
  sessions: Sessions,
  ref: PinnedReference,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const subject = familiarReference(ref)
  const fetchJson = async (path: string, accept: string, digest: string) => {
    const { registry, repository } = ref
    const question = { registry, repository, method: 'GET', path, headers: { accept }, subject, signal } as const
    const answer = await sessions.ask({ ...question, maxBytes: MAX_MANIFEST_BYTES })
    const { response } = answer
    if (response.status !== 200) throw answer.error()
    if (digestOf(response.body, digest) !== digest)
      throw new ProtocolError('DIGEST_MISMATCH', `${path} of ${subject} is not what its digest says`)
    return jsonOf(response.body)
  }
  const manifest = await fetchJson(`manifests/${ref.digest}`, MEDIA_TYPES.join(', '), ref.digest)
  const config = objectAt(manifest, 'config')
  if (!isObject(manifest) || config['digest'] === undefined) return undefined
  const digest = readDigest(config['digest'], subject)
  const created = Date.parse(textAt(await fetchJson(`blobs/${digest}`, '*/*', digest), 'created'))
  return Number.isNaN(created) ? undefined : created
}
