import { InputError } from './errors.ts'

/** An image reference, normalised: `nginx` is `docker.io/library/nginx:latest`. */
export interface Reference {
  /** Exact registry host with its port, for instance `ghcr.io` or `127.0.0.1:5000`. Hub is `docker.io`. */
  readonly registry: string
  /** Path inside the registry, for instance `library/nginx`. */
  readonly repository: string
  readonly tag: string | undefined
  /** `sha256:…`; when present it decides, whatever the tag says. */
  readonly digest: string | undefined
}

// Grammar: github.com/distribution/reference regexp.go. `\w` there is ASCII, so no /u and no /i here.
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const DOMAIN_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`)
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/
const IMAGE_ID = /^(?:sha256:)?[a-f0-9]{64}$/

/** True for a well-formed `sha256:` or `sha512:` digest. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

/** `sha256:` and twelve digits. A text without a colon, or shorter, stays as it is. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':')
  return colon < 0 ? digest : digest.slice(0, colon + 13)
}

/** True for a text that names an image by id and not by reference. */
export function isImageId(text: string): boolean {
  return IMAGE_ID.test(text)
}

/**
 * Reads an image reference and normalises it the way the engine does: the registry defaults to `docker.io`, one-word
 * Hub names get `library/`, the tag defaults to `latest` when there is neither tag nor digest.
 *
 * @throws InputError `REF_INVALID` with the rule that was broken
 */
export function parseReference(text: string): Reference {
  const fail = (rule: string) =>
    new InputError('REF_INVALID', `not an image reference: ${JSON.stringify(text.slice(0, 300))}: ${rule}`)
  if (text === '') throw fail('it is empty')
  if (/[^\x21-\x7e]/.test(text)) throw fail('only printable ASCII without spaces is allowed')
  if (isImageId(text)) throw fail('it is an image id, not a name')

  const [beforeDigest = '', digest, ...moreDigests] = text.split('@')
  if (moreDigests.length > 0) throw fail('it has more than one "@"')
  if (digest !== undefined && !isDigest(digest)) throw fail('the digest must be sha256: and 64 lower-case hex digits')

  const colon = beforeDigest.lastIndexOf(':')
  const tagged = colon > beforeDigest.lastIndexOf('/')
  const tag = tagged ? beforeDigest.slice(colon + 1) : undefined
  if (tag !== undefined && !TAG.test(tag))
    throw fail('a tag has 1 to 128 letters, digits, "_", "." or "-" and does not begin with "." or "-"')
  const name = tagged ? beforeDigest.slice(0, colon) : beforeDigest

  const { registry, path } = splitRegistry(name)
  if (!DOMAIN.test(registry)) throw fail(`"${registry}" is not a registry host`)
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  if (path === '') throw fail('it has no repository')
  if (repository.length > 255) throw fail('the repository is longer than 255 characters')
  const bad = repository.split('/').find((component) => !COMPONENT.test(component))
  if (bad !== undefined)
    throw fail(/[A-Z]/.test(bad) ? 'the repository must be lower case' : `"${bad}" is not a repository component`)
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest }
}

// A first component is a host only with a dot, a port, an upper-case letter, or as "localhost" (normalize.go).
function splitRegistry(name: string): { registry: string; path: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  if (slash < 0 || !(/[.:A-Z]/.test(first) || first === 'localhost')) return { registry: 'docker.io', path: name }
  return { registry: first === 'index.docker.io' ? 'docker.io' : first, path: name.slice(slash + 1) }
}

/** The whole reference: `docker.io/library/nginx:latest`, `ghcr.io/a/b:c@sha256:…`. */
export function formatReference(ref: Reference): string {
  return (
    repositoryName(ref) +
    (ref.tag === undefined ? '' : `:${ref.tag}`) +
    (ref.digest === undefined ? '' : `@${ref.digest}`)
  )
}

/** Registry and repository without tag or digest: `docker.io/library/nginx`. */
export function repositoryName(ref: Reference): string {
  return `${ref.registry}/${ref.repository}`
}

/** The short form people write, `nginx:latest` for `docker.io/library/nginx:latest`, where it reads back as the same. */
export function familiarReference(ref: Reference): string {
  const whole = formatReference(ref)
  const short = [/^docker\.io\/(?:library\/)?/, /^docker\.io\//].map((prefix) => whole.replace(prefix, ''))
  return short.find((text) => isWrittenFor(whole, text)) ?? whole
}

function isWrittenFor(whole: string, text: string): boolean {
  try {
    return formatReference(parseReference(text)) === whole
  } catch {
    return false
  }
}

/** True when both name the same registry, repository, tag and digest after normalisation. */
export function sameReference(a: Reference, b: Reference): boolean {
  return formatReference(a) === formatReference(b)
}
