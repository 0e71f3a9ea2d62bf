import { familiarReference, type Reference } from '../../base/reference.ts'
import type { PullFailure } from './image-source.ts'
import type { Profile } from './profile.ts'
import type { Said } from './refusal.ts'

/** The same fault has another status on every engine; only the words are alike. */
export function pullWords(profile: Profile, why: PullFailure, ref: Reference): Said {
  if (profile.pullRefusal === 'stream') return podmanStream(why, ref)
  if (profile.family === 'podman') return podman(why)
  return profile.store === 'manifest' ? containerd(why, ref) : classic(why, ref, profile)
}

function classic(why: PullFailure, ref: Reference, { registryStatus }: Profile): Said {
  const { registry, repository } = ref
  const url = `${scheme(registry)}://${registry}/v2/`
  switch (why) {
    case 'unreachable':
      return [500, `Get "${url}": dial tcp ${registry}: connect: connection refused`]
    case 'no-credentials':
      return [500, `Head "${url}${repository}/manifests/${ref.digest ?? ref.tag}": no basic auth credentials`]
    case 'bad-credentials':
      return [registryStatus ? 401 : 500, 'unauthorized: authentication required']
    case 'denied':
      return [
        404,
        `pull access denied for ${familiarReference({ ...ref, tag: undefined, digest: undefined })}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
      ]
    case 'no-manifest':
      return [404, `manifest for ${familiarReference(ref)} not found: manifest unknown: manifest unknown`]
    case 'rate-limited':
      return [registryStatus ? 429 : 500, 'toomanyrequests: too many requests']
    default:
      return [500, 'received unexpected HTTP status: 503 Service Unavailable']
  }
}

function containerd(why: PullFailure, ref: Reference): Said {
  const text = `${ref.registry}/${ref.repository}${ref.digest === undefined ? `:${ref.tag}` : `@${ref.digest}`}`
  const head = `${scheme(ref.registry)}://${ref.registry}/v2/${ref.repository}/manifests/${ref.digest ?? ref.tag}`
  const failed = `failed to resolve reference "${text}": `
  const denied = 'pull access denied, repository does not exist or may require authorization: '
  switch (why) {
    case 'unreachable':
      return [
        500,
        `${failed}failed to do request: Head "${head.replace('http:', 'https:')}": dial tcp ${ref.registry}: connect: connection refused`,
      ]
    case 'no-credentials':
      return [500, `${failed}${denied}authorization failed: no basic auth credentials`]
    case 'bad-credentials':
      return [500, `unknown: ${failed}unexpected status from HEAD request to ${head}: 401 Unauthorized`]
    case 'denied':
      return [500, `${failed}${denied}server message: insufficient_scope: authorization failed`]
    case 'no-manifest':
      return [404, `${failed}${text}: not found`]
    case 'rate-limited':
      return [500, `unknown: ${failed}unexpected status from HEAD request to ${head}: 429 Too Many Requests`]
    default:
      return [500, `unknown: ${failed}unexpected status from HEAD request to ${head}: 503 Service Unavailable`]
  }
}

function podman(why: PullFailure): Said {
  switch (why) {
    case 'unreachable':
      return [500, 'connection refused']
    case 'no-credentials':
    case 'bad-credentials':
      return [401, 'unauthorized: authentication required']
    case 'denied':
      return [403, 'denied: requested access to the resource is denied']
    case 'no-manifest':
      return [404, 'manifest unknown: manifest unknown']
    case 'rate-limited':
      return [429, 'toomanyrequests: too many requests']
    default:
      return [503, 'received unexpected HTTP status: 503 Service Unavailable']
  }
}

// podman 4 tells in the stream what it was at.
function podmanStream(why: PullFailure, ref: Reference): Said {
  const { registry, repository } = ref
  const [status, words] = podman(why)
  const at =
    why === 'unreachable'
      ? `pinging container registry ${registry}: Get "https://${registry}/v2/": dial tcp ${registry}: connect`
      : `reading manifest ${ref.digest ?? ref.tag} in ${registry}/${repository}`
  return [status, `initializing source docker://${familiarReference(ref)}: ${at}: ${words}`]
}

/** What a stream says of a layer that the registry lost. */
export function brokenLayerWords({ family, store }: Profile, ref: Reference, digest: string): string {
  if (family === 'podman')
    return `unable to copy from source docker://${familiarReference(ref)}: reading blob ${digest}: fetching blob: blob unknown to registry`
  if (store === 'config') return 'unknown blob'
  return `failed to copy: httpReadSeeker: failed open: could not fetch content descriptor ${digest} (application/vnd.docker.image.rootfs.diff.tar.gzip) from remote: not found`
}

/** An index without the wanted platform: in the stream, or as a status before it. */
export function noPlatformWords(
  { family, store, pullRefusal }: Profile,
  ref: Reference,
  os: string,
  arch: string,
): { said?: Said; line?: string } {
  const words = `no matching manifest for ${os}/${arch} in the manifest list entries`
  if (pullRefusal === 'stream') {
    const at = `choosing an image from manifest list docker://${familiarReference(ref)}`
    return { said: [500, `${at}: no image found in image index for architecture ${arch}, variant "", OS ${os}`] }
  }
  if (family === 'podman')
    return { said: [500, `no image found in image index for architecture "${arch}", variant "", OS "${os}"`] }
  if (store === 'manifest') return { said: [404, `${words}: no match for platform in manifest: not found`] }
  return { line: words }
}

// Engines speak plain HTTP to loopback registries.
function scheme(registry: string): string {
  return /^(?:localhost|127\.|\[::1\])/.test(registry) ? 'http' : 'https'
}
